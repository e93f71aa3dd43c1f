"""transports/simulator"""
