"""What the texts of ``corpus.py`` are made of: messages as businesses send them, by kind, with blanks to fill.

Blanks: ``{code}`` six digits, ``{order}`` a longer number, ``{name}``, ``{shop}``, ``{day}``, ``{hour}``, ``{amount}``,
``{url}``. ``CODES``, ``OFFERS`` and ``NOTICES`` keep to the default alphabet without its extension.
"""

from typing import Final

NAMES: Final = ("Anna", "Bob", "Carla", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ines", "John", "Karim", "Linda")
SHOPS: Final = ("Northwind", "Contoso", "Fabrikam", "Tailspin", "Wingtip", "Litware", "Adventure Works", "Proseware")
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "12/04", "3 May", "21.09.")

CODES: Final = (
    "Your {shop} code is {code}. It expires in 10 minutes.",
    "{code} is your verification code for {shop}. Never share it with anyone.",
    "{shop}: use {code} to sign in. If this was not you, ignore this message.",
    "<#> {code} is your {shop} security code. FA+9qCX9VSu",
    "{shop} code: {code}",
    "Ihr Code lautet {code}. Geben Sie ihn an niemanden weiter.",
    "Votre code {shop} est {code}. Ne le partagez avec personne.",
    "{code} es tu codigo de verificacion de {shop}. No lo compartas.",
    "Il tuo codice {shop} scade tra 5 minuti: {code}",
    "Din kod hos {shop} er {code}",
    "Seu codigo {shop}: {code}. Valido por 5 minutos.",
    "Approve the payment of {amount} to {shop} with {code}.",
)

OFFERS: Final = (
    "{shop}: {name}, our summer sale is on! Take 30% off everything until {day}, in store and online: {url} "
    "Reply STOP to opt out.",
    "Hi {name}! We have saved your favourites for you. Order before {day} {hour} and delivery is free. {url}",
    "Flash sale at {shop}! 50% off shoes this {day} only, from {hour}. Show this text at the till. Txt STOP to end.",
    "{name}, you have {order} points. Swap them for vouchers worth {amount} before {day}: {url}",
    "New at {shop}: same-day delivery in your area. Try it this week with code {code} and save {amount}. {url}",
    "Nur bis {day}: 20% auf alles bei {shop}, {name}! Jetzt sparen und {hour} abholen: {url} Abmelden mit STOP.",
    "{shop} : -40% sur toute la boutique jusqu'au {day}. Profitez-en vite, {name} ! {url} STOP au 36111",
    "Hola {name}, este {day} todo {shop} al 2x1. Reserva tu mesa para las {hour} en {url} Baja: STOP",
    "Ciao {name}, solo per te uno sconto di {amount} da {shop} entro {day}. Prenota alle {hour}: {url}",
    "{name}, it's been a while! Come back to {shop} by {day} and the first coffee is on us. {url} STOP to opt out",
)

SMALL_PRINT: Final = " Msg & data rates may apply."

NOTICES: Final = (
    "Dear {name}, your order {order} has left our warehouse and will arrive on {day} between {hour} and 18:00.",
    "Please have the code {code} ready: the driver will ask for it at the door.",
    "If nobody is at home, the parcel is left with a neighbour or brought to the nearest pick-up point.",
    "Your appointment with Dr. {name} is confirmed for {day} at {hour}.",
    "Please bring your insurance card and a list of the medicines that you take, and arrive ten minutes early.",
    "To cancel or to move the appointment, call the practice or reply CANCEL at least 24 hours before it begins.",
    "We carry out work on the line in your street on {day} from {hour}; the supply is interrupted for two hours.",
    "We apologise for the inconvenience and thank you for your patience.",
    "Your invoice {order} of {amount} is due on {day}. You find it in your account at {url}",
    "If you have paid already, please disregard this reminder.",
    "Flight {code} to Lisbon is delayed: the new departure is at {hour} from gate 14.",
    "Passengers with a connection are asked to speak to our staff at the gate; vouchers are available there.",
    "A storm is expected in your area on {day} from {hour}. Stay away from the coast; secure what may fly.",
)

# In the default alphabet still, but not ASCII, or with a character of the extension table.
ACCENTED: Final = (
    "{shop}: 10 € Rabatt für {name}, nur am {day}! Gültig ab {hour}, Code [{code}].",
    "Señor {name}, mañana {day} a las {hour} le esperamos en {shop}. ¿Todo bien? Responda Sì o NO.",
    "Grüße von {shop}! Für {name} gibt es am {day} ab {hour} süße Überraschungen: {url}",
    "Perché aspettare, {name}? Da {shop} il caffè è gratis {day} alle {hour}.",
    "Très vite chez {shop} : {name}, à partir de {hour}, -15 € sur tout l'été.",
    "Hej {name}! Dit måltid fra {shop} er på vej, ring på dørklokken {hour}. Ære være kokken!",
    "Din beställning {order} är på väg, {name}. Hämta den på {day} efter {hour}. Vänligen svara JA.",
    "Balance {{{order}}}: {amount} | limit ~{code} | details: {url}",
    "{shop} [{day} {hour}] {name}: table^2 confirmed, bill < 40 €",
    "{name}, ΔΩPO {amount} AΠO {shop}: MONO {day}, {hour}",
)

# Other scripts, and Latin letters that the default alphabet lacks.
OTHER_SCRIPTS: Final = (
    "Ваш код {code}. Никому его не сообщайте. {shop}",
    "{name}, ваш заказ {order} прибудет {day} к {hour}. Спасибо, что выбрали нас!",
    "رمز التحقق الخاص بك هو {code}. لا تشاركه مع أي شخص. {shop}",
    "{shop} ביום {day} בשעה {hour}: ההזמנה שלך {order} מוכנה לאיסוף",
    "【{shop}】您的验证码是{code}，10分钟内有效，请勿告诉他人。",
    "{shop}：ご注文{order}を発送しました。{day} {hour}頃にお届けします。",
    "[{shop}] 인증번호 {code}를 입력해 주세요. 타인에게 알리지 마세요.",
    "{name} जी, आपका ऑर्डर {order} {day} को {hour} बजे तक पहुँच जाएगा। धन्यवाद, {shop}",
    "প্রিয় {name}, আপনার কোড {code}। {shop}",
    "รหัส OTP ของคุณคือ {code} ใช้ได้ภายใน 5 นาที {shop}",
    "Αγαπητέ {name}, το ραντεβού σας είναι {day} στις {hour}. {shop}",
    "Szanowny Kliencie, zamówienie {order} będzie gotowe {day} o {hour}. Dziękujemy, {shop}",
    "Kedves {name}, a csomagja {day} {hour} körül érkezik. Üdvözlettel: ő, a {shop} futára",
    "{name} xin chào, mã của bạn là {code}. Vui lòng không chia sẻ. {shop}",
)

EMOJI: Final = (
    "{name}, happy birthday from {shop}! 🎂🎉 A gift of {amount} is waiting: {url}",
    "Your parcel {order} is out for delivery 🚚 It arrives {day} by {hour} 📦",
    "👋🏽 Hi {name}! Rate your visit to {shop}: 👍 or 👎?",
    "🔥 {shop}: 50% off until {day} 🔥 Shop now 👉 {url}",
    "Family day at {shop} 👨‍👩‍👧‍👦 this {day} from {hour}. Kids eat free 🍕",
    "Goal! 🇸🇪 2 : 1 🇳🇴 Watch the second half with {shop} ⚽️ {url}",
    "Merci {name} ❤️ À bientôt chez {shop} 🥐",
    "¡Gracias, {name}! 🙌🏼 Tu pedido {order} está listo ✅ Te esperamos a las {hour}",
    "Reminder ⏰ {name}: dentist, {day} {hour} 🦷 Reply 1️⃣ to confirm, 2️⃣ to move it",
    "Pride week at {shop} 🏳️‍🌈 🏳️‍⚧️ Join us {day} at {hour}",
)
