# for other kernel modules only: nothing here is for Python
