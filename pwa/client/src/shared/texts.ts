// What the app says. The types hold every language to every text and every form of a count.
//
// Hebrew and Arabic speak to nobody as a man or a woman.

type English = "one" | "other";
type Hebrew = "one" | "two" | "other";
type Arabic = Intl.LDMLPluralRule;

/** A text by the form that a count takes; {count} stands for the number. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

interface Texts<Form extends Intl.LDMLPluralRule> {
  language: string;
  loading: string;
  notLoaded: string;
  tryAgain: string;

  live: string;
  asOf: string;
  cut: string;

  /** Stands under the number, whichever it is. */
  waiting: string;
  countersOpen: Record<Form, string>;
  noCounterOpen: string;
  join: string;
  paused: string;
  closing: string;
  closed: string;
  closedOpens: string;
  closingOpens: string;
  joinFrom: string;
  atPlace: string;
  empty: string;
  emptyAdvice: string;
  youHave: string;
  seeMyPlace: string;
  oneAtATime: string;

  yourName: string;
  yourPhone: string;
  nameMissing: string;
  phoneMissing: string;
  mayBeEmpty: string;
  deskSees: string;
  whichService: string;
  chooseFirst: string;
  takeNumber: string;
  willTell: string;
  notJoined: string;
  sameNumber: string;
  noQueue: string;

  noAnswer: string;
  isPaused: string;
  isFull: string;
  serviceNotTaken: string;
  notFound: string;
  tooMany: string;
  notUsable: string;
  failed: string;

  upTo: string;
  anyMinute: string;
  mostLikely: string;
  counterClosed: string;
  counterOpened: string;
  placedAhead: string;
  takesLong: string;

  yourNumber: string;
  before: Record<Form, string>;
  next: string;
  stayNear: string;
  mayLeave: string;
  calledLast: string;
  tellMe: string;
  thisPhone: string;
  sound: string;
  vibration: string;
  /** Also while the app is closed. */
  push: string;
  notification: string;
  screen: string;
  nothingWorks: string;
  test: string;
  keepScreenOn: string;
  comeBack: string;
  leave: string;
  notLeft: string;
  notDone: string;
  letTwo: string;
  tenMinutes: string;
  fiveMinutes: string;
  backAt: string;
  keepsPlace: string;
  readyNow: string;
  comeWithin: string;
  timeIsOver: string;
  howMany: string;
  people: Record<Form, string>;
  groupTooLarge: string;
  calledByMistake: string;
  placeStays: string;
  whyBefore: string;
  whyBeforeYouCame: string;
  whyCameEarlier: string;
  whyPriority: string;
  whyYouLetAhead: string;
  whyYouAskedForTime: string;
  whyYouWereCalled: string;
  whyYouWereElsewhere: string;
  whyOtherService: string;
  whyByHand: string;

  yourTurn: string;
  counter: string;
  goTo: string;
  goToPlace: string;
  /** How a counter is called whose name is no more than a number. */
  counterNamed: string;
  calledTimes: Record<Form, string>;
  stopAlert: string;
  wasCalled: string;
  serving: string;
  completed: string;
  noShow: string;
  noShowAdvice: string;
  /** With `{until}`, a time. */
  placeKept: string;
  hereNow: string;
  onHold: string;
  cancelled: string;
  expired: string;
  expiredAdvice: string;
  joinAgain: string;
  unknown: string;
  unknownAdvice: string;
  noTicket: string;

  bookTime: string;
  myBookings: string;
  settings: string;
  willBeSent: string;
  wasRefused: string;
  notSentInTime: string;
  changedMeanwhile: string;
  askUs: string;
  seen: string;
  openApart: string;
  nobodyBehind: string;
  whereAndWhen: string;
  carry: string;
  carryMeans: string;
  carryCode: string;
  cancelBooking: string;
  checkIn: string;
}

const en: Texts<English> = {
  language: "Language",
  loading: "Still loading",
  notLoaded: "Not loaded.",
  tryAgain: "Try again",

  live: "Live",
  asOf: "As of {time}",
  cut: "No connection since {time}. This is how it was.",

  waiting: "waiting",
  countersOpen: { one: "{count} counter open", other: "{count} counters open" },
  noCounterOpen: "No counter is open",
  join: "Join",
  paused: "Paused. Takes nobody now.",
  closing: "Closing. Takes nobody new.",
  closed: "Closed.",
  closedOpens: "Closed. Opens {time}.",
  closingOpens: "Closing. Takes nobody new. Opens {time}.",
  joinFrom: "You can join from {time}.",
  atPlace: "Numbers are given at the place itself.",
  empty: "There is nothing to queue for now.",
  emptyAdvice: "Come back later, or ask at the desk.",
  youHave: "You have number {code}.",
  seeMyPlace: "See my place",
  oneAtATime: "To join another queue, leave this one first.",

  yourName: "Your name",
  yourPhone: "Your phone number",
  nameMissing: "Write a name.",
  phoneMissing: "Write a phone number.",
  mayBeEmpty: "You may leave it empty.",
  deskSees: "The desk sees it, nobody else. It is not shown on any board.",
  whichService: "What do you come for?",
  chooseFirst: "Choose what you come for.",
  takeNumber: "Take a number",
  willTell: "You may leave. We will tell you when to return.",
  notJoined: "Not joined yet.",
  sameNumber: "Trying again never gives you a second number.",
  noQueue: "This queue is not open now.",

  noAnswer: "There was no answer. Check your connection and try again.",
  isPaused: "The queue takes nobody now. Try again later, or ask at the desk.",
  isFull: "The queue is full. Try again in a few minutes, or ask at the desk.",
  serviceNotTaken: "This service is not offered now. Choose another.",
  notFound: "The queue is gone. Go back to see the others.",
  tooMany: "That was too often. Wait a minute and try again.",
  notUsable: "What was written cannot be used. Look at it again.",
  failed: "Something failed on our side. Try again, or ask at the desk.",

  upTo: "Up to {wait}",
  anyMinute: "Any minute",
  mostLikely: "most likely {count}",
  counterClosed: "Longer by {wait}: a counter closed.",
  counterOpened: "Shorter by {wait}: a counter opened.",
  placedAhead: "Longer by {wait}: another number was placed ahead.",
  takesLong: "Longer by {wait}: somebody at a counter takes long.",

  yourNumber: "Your number",
  before: { one: "{count} person before you", other: "{count} people before you" },
  next: "You are next",
  stayNear: "Please stay near.",
  mayLeave: "You may leave. Keep this page open, and come back when few are before you.",
  calledLast: "{code} was called last",
  tellMe: "Tell me when it is my turn",
  thisPhone: "When it is your turn, this device",
  sound: "plays a sound, unless it is muted",
  vibration: "vibrates while this page is in view",
  push: "shows a notification, also when this page is closed",
  notification: "shows a notification while this page stays open",
  screen: "keeps its screen on while this page is in view",
  nothingWorks: "This device can not alert you. Keep this page open, or listen for {code}.",
  test: "Test the alert",
  keepScreenOn: "Keep the screen on",
  comeBack: "{code}: please come back",
  leave: "Leave the queue",
  notLeft: "Not left yet.",
  notDone: "Not done",
  letTwo: "Let 2 people go first",
  tenMinutes: "10 more min",
  fiveMinutes: "5 more min",
  backAt: "Back in line at {time}",
  keepsPlace: "You keep your place, and are not called before.",
  readyNow: "I am ready now",
  comeWithin: "Please come within {time}. Then the desk goes on without you.",
  timeIsOver: "The time is over. Please tell the desk that you are here.",
  howMany: "How many people?",
  people: { one: "{count} person", other: "{count} people" },
  groupTooLarge: "So many people do not get one number here. Choose fewer, or ask at the desk.",
  calledByMistake: "Sorry, {code} was called by mistake.",
  placeStays: "You keep your place.",
  whyBefore: "Why before me?",
  whyBeforeYouCame: "{code} was called before you took your number.",
  whyCameEarlier: "{code} took a number earlier than you.",
  whyPriority: "{code} has priority here: it counts as {minutes} min of waiting.",
  whyYouLetAhead: "You let {code} go first.",
  whyYouAskedForTime: "You had asked for more time then.",
  whyYouWereCalled: "You had been called then, or were at a counter.",
  whyYouWereElsewhere: "You were not in this line yet.",
  whyOtherService: "{code} was called to a counter for another service.",
  whyByHand: "The desk chose {code} itself.",

  yourTurn: "{code}, it is your turn",
  counter: "Counter",
  goTo: "Please go to",
  goToPlace: "{provider}: please go to {place}.",
  counterNamed: "counter {counter}",
  calledTimes: { one: "Called {count} time", other: "Called {count} times" },
  stopAlert: "Stop the alert",
  wasCalled: "You were called to {place}",
  serving: "You are being served at {place}",
  completed: "You are done",
  noShow: "You were called, and did not come",
  noShowAdvice: "Tell the desk your number, or join again.",
  placeKept: "Your place is kept until {until}.",
  hereNow: "I am here now",
  onHold: "You are not done yet",
  cancelled: "You are no longer in the queue",
  expired: "We closed before it was your turn",
  expiredAdvice: "We are sorry. Your number has ended; take a new one when we are open.",
  joinAgain: "Join again",
  unknown: "Your number is not known here",
  unknownAdvice: "It may be from another day. Join to get a new one.",
  noTicket: "You have no number yet",

  bookTime: "Book a time",
  myBookings: "My bookings",
  settings: "Settings",
  willBeSent: "{action} will be sent when you are back online.",
  wasRefused: "{action} was not done.",
  notSentInTime: "It could not be sent in time.",
  changedMeanwhile: "It changed meanwhile.",
  askUs: "It was too late. Please ask us.",
  seen: "OK",
  openApart: "Open on its own, to keep it on this phone",
  nobodyBehind: "There is nobody behind you to go first.",
  whereAndWhen: "Address and opening hours",
  carry: "Take it to another phone",
  carryMeans: "Scan this with the other phone, or let somebody scan it who comes with you. Both phones show it then, and either can change it.",
  carryCode: "The code to scan",
  cancelBooking: "Cancel the booking",
  checkIn: "Check in",
};

const he: Texts<Hebrew> = {
  language: "שפה",
  loading: "עדיין בטעינה",
  notLoaded: "הטעינה נכשלה.",
  tryAgain: "לנסות שוב",

  live: "מתעדכן עכשיו",
  asOf: "נכון לשעה {time}",
  cut: "אין חיבור מאז {time}. כך היה המצב אז.",

  waiting: "בהמתנה",
  countersOpen: { one: "דלפק אחד פתוח", two: "{count} דלפקים פתוחים", other: "{count} דלפקים פתוחים" },
  noCounterOpen: "אין דלפק פתוח",
  join: "הצטרפות",
  paused: "בהפסקה. אין קבלה כרגע.",
  closing: "לקראת סגירה. אין קבלה נוספת.",
  closed: "סגור.",
  closedOpens: "סגור. נפתח {time}.",
  closingOpens: "נסגר. אין קבלה של חדשים. נפתח {time}.",
  joinFrom: "אפשר להצטרף מ־{time}.",
  atPlace: "המספרים ניתנים במקום עצמו.",
  empty: "אין כרגע תור להצטרף אליו.",
  emptyAdvice: "אפשר לחזור מאוחר יותר, או לשאול בדלפק.",
  youHave: "המספר שלך: {code}.",
  seeMyPlace: "למקומי בתור",
  oneAtATime: "כדי להצטרף לתור אחר צריך קודם לצאת מהתור הזה.",

  yourName: "שם",
  yourPhone: "מספר טלפון",
  nameMissing: "יש לכתוב שם.",
  phoneMissing: "יש לכתוב מספר טלפון.",
  mayBeEmpty: "אפשר להשאיר ריק.",
  deskSees: "רק הדלפק רואה את זה. זה לא מוצג על שום לוח.",
  whichService: "לאיזה שירות?",
  chooseFirst: "יש לבחור שירות.",
  takeNumber: "קבלת מספר",
  willTell: "אפשר ללכת. נודיע מתי לחזור.",
  notJoined: "עדיין לא הצטרפת.",
  sameNumber: "ניסיון נוסף לעולם לא ייתן מספר שני.",
  noQueue: "התור הזה אינו פתוח כרגע.",

  noAnswer: "לא התקבלה תשובה. כדאי לבדוק את החיבור ולנסות שוב.",
  isPaused: "אין קבלה לתור כרגע. אפשר לנסות מאוחר יותר, או לשאול בדלפק.",
  isFull: "התור מלא. אפשר לנסות בעוד כמה דקות, או לשאול בדלפק.",
  serviceNotTaken: "השירות הזה אינו ניתן כרגע. יש לבחור אחר.",
  notFound: "התור כבר לא קיים. אפשר לחזור ולראות את האחרים.",
  tooMany: "היו יותר מדי ניסיונות. נא להמתין דקה ולנסות שוב.",
  notUsable: "אי אפשר להשתמש במה שנכתב. כדאי לבדוק שוב.",
  failed: "אירעה תקלה אצלנו. אפשר לנסות שוב, או לשאול בדלפק.",

  upTo: "עד {wait}",
  anyMinute: "ממש עכשיו",
  mostLikely: "ככל הנראה {count}",
  counterClosed: "ההמתנה התארכה ב־{wait}: דלפק נסגר.",
  counterOpened: "ההמתנה התקצרה ב־{wait}: דלפק נפתח.",
  placedAhead: "ההמתנה התארכה ב־{wait}: מספר אחר שובץ לפניך.",
  takesLong: "ההמתנה התארכה ב־{wait}: הטיפול באחד הדלפקים נמשך.",

  yourNumber: "המספר שלך",
  before: { one: "אדם אחד לפניך", two: "שני אנשים לפניך", other: "{count} אנשים לפניך" },
  next: "התור הבא שלך",
  stayNear: "נא להישאר בסביבה.",
  mayLeave: "אפשר ללכת. נא להשאיר את הדף פתוח, ולחזור כשנשארו מעטים לפניך.",
  calledLast: "{code} נקרא אחרון",
  tellMe: "הודיעו לי כשיגיע תורי",
  thisPhone: "כשיגיע תורך, המכשיר הזה",
  sound: "ישמיע צליל, אם אינו מושתק",
  vibration: "ירטוט כל עוד הדף מוצג",
  push: "יציג התראה, גם כשהדף סגור",
  notification: "יציג התראה כל עוד הדף פתוח",
  screen: "ישאיר את המסך דולק כל עוד הדף מוצג",
  nothingWorks: "המכשיר הזה אינו יכול להתריע. נא להשאיר את הדף פתוח, או להקשיב למספר {code}.",
  test: "בדיקת ההתראה",
  keepScreenOn: "להשאיר את המסך דולק",
  comeBack: "{code}: נא לחזור",
  leave: "יציאה מהתור",
  notLeft: "עדיין לא יצאת מהתור.",
  notDone: "לא בוצע",
  letTwo: "לתת ל-2 אנשים להקדים",
  tenMinutes: "עוד 10 דק׳",
  fiveMinutes: "עוד 5 דק׳",
  backAt: "חזרה לתור בשעה {time}",
  keepsPlace: "המקום נשמר, ולא תהיה קריאה לפני כן.",
  readyNow: "אפשר עכשיו",
  comeWithin: "נא לגשת בתוך {time}. אחר כך הדלפק ימשיך הלאה.",
  timeIsOver: "הזמן עבר. נא למסור בדלפק שהגעת.",
  howMany: "לכמה אנשים?",
  people: { one: "אדם אחד", two: "שני אנשים", other: "{count} אנשים" },
  groupTooLarge: "אין כאן מספר אחד לכל כך הרבה אנשים. אפשר לבחור פחות, או לשאול בדלפק.",
  calledByMistake: "סליחה, {code} נקרא בטעות.",
  placeStays: "המקום שלך נשמר.",
  whyBefore: "למה לפניי?",
  whyBeforeYouCame: "{code} נקרא עוד לפני שקיבלת מספר.",
  whyCameEarlier: "{code} קיבל מספר לפניך.",
  whyPriority: "ל־{code} יש כאן עדיפות: היא נחשבת כ־{minutes} דקות המתנה.",
  whyYouLetAhead: "נתת ל־{code} להקדים.",
  whyYouAskedForTime: "ביקשת אז עוד זמן.",
  whyYouWereCalled: "המספר שלך כבר נקרא אז, או שהיית בדלפק.",
  whyYouWereElsewhere: "עוד לא היית אז בתור הזה.",
  whyOtherService: "{code} נקרא לדלפק של שירות אחר.",
  whyByHand: "הדלפק בחר ב־{code} בעצמו.",

  yourTurn: "{code}, תורך הגיע",
  counter: "דלפק",
  goTo: "נא לגשת אל",
  goToPlace: "{provider}: נא לגשת אל {place}.",
  counterNamed: "דלפק {counter}",
  calledTimes: { one: "קריאה אחת", two: "{count} קריאות", other: "{count} קריאות" },
  stopAlert: "הפסקת ההתראה",
  wasCalled: "המספר שלך נקרא: {place}",
  serving: "השירות שלך ניתן עכשיו: {place}",
  completed: "סיימנו",
  noShow: "המספר נקרא ואיש לא הגיע",
  noShowAdvice: "אפשר למסור את המספר בדלפק, או להצטרף שוב.",
  placeKept: "המקום שמור עד {until}.",
  hereNow: "הגעתי",
  onHold: "השירות עוד לא הסתיים",
  cancelled: "אינך עוד בתור",
  expired: "סגרנו לפני שהגיע תורך",
  expiredAdvice: "סליחה. המספר אינו בתוקף עוד; אפשר לקחת חדש כשנפתח.",
  joinAgain: "הצטרפות מחדש",
  unknown: "המספר שלך אינו מוכר כאן",
  unknownAdvice: "אולי הוא מיום אחר. אפשר להצטרף ולקבל חדש.",
  noTicket: "עדיין אין לך מספר",

  bookTime: "הזמנת זמן",
  myBookings: "ההזמנות שלי",
  settings: "הגדרות",
  willBeSent: "{action}: יישלח כשהחיבור יחזור.",
  wasRefused: "{action}: לא בוצע.",
  notSentInTime: "לא ניתן היה לשלוח בזמן.",
  changedMeanwhile: "משהו השתנה בינתיים.",
  askUs: "היה מאוחר מדי. נא לפנות אלינו.",
  seen: "הבנתי",
  openApart: "פתיחה בחלון נפרד, כדי לשמור במכשיר הזה",
  nobodyBehind: "אין אחריך מי שיוכל להקדים.",
  whereAndWhen: "כתובת ושעות פתיחה",
  carry: "העברה למכשיר אחר",
  carryMeans: "לסריקה במכשיר האחר, או אצל מי שמלווה אותך. אחר כך שני המכשירים מציגים אותו, וכל אחד מהם יכול לשנות.",
  carryCode: "הקוד לסריקה",
  cancelBooking: "ביטול ההזמנה",
  checkIn: "רישום הגעה",
};

const ar: Texts<Arabic> = {
  language: "اللغة",
  loading: "ما زال التحميل جاريًا",
  notLoaded: "لم يتم التحميل.",
  tryAgain: "إعادة المحاولة",

  live: "يُحدَّث الآن",
  asOf: "حتى الساعة {time}",
  cut: "لا اتصال منذ {time}. هكذا كان الوضع حينها.",

  waiting: "في الانتظار",
  countersOpen: {
    zero: "لا شباك مفتوح",
    one: "شباك واحد مفتوح",
    two: "شباكان مفتوحان",
    few: "{count} شبابيك مفتوحة",
    many: "{count} شباكًا مفتوحًا",
    other: "{count} شباك مفتوح",
  },
  noCounterOpen: "لا شباك مفتوح",
  join: "انضمام",
  paused: "متوقف مؤقتًا. لا استقبال الآن.",
  closing: "على وشك الإغلاق. لا استقبال لأحد بعد الآن.",
  closed: "مغلق.",
  closedOpens: "مغلق. يفتح {time}.",
  closingOpens: "يوشك على الإغلاق ولا يستقبل أحدًا جديدًا. يفتح {time}.",
  joinFrom: "يمكن الانضمام ابتداءً من {time}.",
  atPlace: "تُعطى الأرقام في المكان نفسه.",
  empty: "لا يوجد طابور للانضمام إليه الآن.",
  emptyAdvice: "يمكن العودة لاحقًا، أو السؤال عند الشباك.",
  youHave: "رقمك: {code}.",
  seeMyPlace: "مكاني في الطابور",
  oneAtATime: "للانضمام إلى طابور آخر يجب مغادرة هذا الطابور أولًا.",

  yourName: "الاسم",
  yourPhone: "رقم الهاتف",
  nameMissing: "يرجى كتابة الاسم.",
  phoneMissing: "يرجى كتابة رقم هاتف.",
  mayBeEmpty: "يمكن تركه فارغًا.",
  deskSees: "لا يراه سوى مكتب الخدمة، ولا يظهر على أي شاشة.",
  whichService: "ما سبب الزيارة؟",
  chooseFirst: "يرجى اختيار خدمة.",
  takeNumber: "الحصول على رقم",
  willTell: "يمكنك المغادرة. سنخبرك متى تلزم العودة.",
  notJoined: "لم يتم الانضمام بعد.",
  sameNumber: "إعادة المحاولة لا تعطي رقمًا ثانيًا أبدًا.",
  noQueue: "هذا الطابور غير مفتوح الآن.",

  noAnswer: "لم يصل رد. يرجى التحقق من الاتصال وإعادة المحاولة.",
  isPaused: "لا استقبال في الطابور الآن. يمكن المحاولة لاحقًا، أو السؤال عند الشباك.",
  isFull: "الطابور ممتلئ. يمكن المحاولة بعد بضع دقائق، أو السؤال عند الشباك.",
  serviceNotTaken: "هذه الخدمة غير متاحة الآن. يرجى اختيار أخرى.",
  notFound: "لم يعد الطابور موجودًا. يمكن الرجوع لرؤية غيره.",
  tooMany: "محاولات كثيرة. يرجى الانتظار دقيقة ثم إعادة المحاولة.",
  notUsable: "لا يمكن استخدام ما كُتب. يرجى مراجعته.",
  failed: "حدث خلل لدينا. يمكن إعادة المحاولة، أو السؤال عند الشباك.",

  upTo: "حتى {wait}",
  anyMinute: "في أي لحظة",
  mostLikely: "الأرجح {count}",
  counterClosed: "زاد الانتظار {wait}: أُغلق شباك.",
  counterOpened: "قلّ الانتظار {wait}: فُتح شباك.",
  placedAhead: "زاد الانتظار {wait}: تقدّم رقم آخر.",
  takesLong: "زاد الانتظار {wait}: الخدمة عند أحد الشبابيك تطول.",

  yourNumber: "رقمك",
  before: {
    zero: "لا أحد قبلك",
    one: "شخص واحد قبلك",
    two: "شخصان قبلك",
    few: "{count} أشخاص قبلك",
    many: "{count} شخصًا قبلك",
    other: "{count} شخص قبلك",
  },
  next: "الدور التالي لك",
  stayNear: "يرجى البقاء في الجوار.",
  mayLeave: "يمكنك المغادرة. يرجى إبقاء هذه الصفحة مفتوحة، والعودة حين يبقى قليلون قبلك.",
  calledLast: "آخر رقم نودي: {code}",
  tellMe: "أخبروني عندما يحين دوري",
  thisPhone: "عندما يحين دورك، هذا الجهاز",
  sound: "يصدر صوتًا، ما لم يكن صامتًا",
  vibration: "يهتز ما دامت الصفحة معروضة",
  push: "يعرض إشعارًا، حتى بعد إغلاق الصفحة",
  notification: "يعرض إشعارًا ما دامت الصفحة مفتوحة",
  screen: "يبقي الشاشة مضاءة ما دامت الصفحة معروضة",
  nothingWorks: "لا يستطيع هذا الجهاز التنبيه. يرجى إبقاء الصفحة مفتوحة، أو الإصغاء إلى {code}.",
  test: "تجربة التنبيه",
  keepScreenOn: "إبقاء الشاشة مضاءة",
  comeBack: "{code}: ترجى العودة",
  leave: "مغادرة الطابور",
  notLeft: "لم تتم المغادرة بعد.",
  notDone: "لم يتم",
  letTwo: "السماح لشخصين بالمرور أولاً",
  tenMinutes: "10 دقائق إضافية",
  fiveMinutes: "5 دقائق إضافية",
  backAt: "العودة إلى الطابور الساعة {time}",
  keepsPlace: "مكانك محفوظ، ولن يُنادى رقمك قبل ذلك.",
  readyNow: "يمكن الآن",
  comeWithin: "يرجى الحضور خلال {time}. بعد ذلك يتابع الشباك مع غيرك.",
  timeIsOver: "انتهى الوقت. يرجى إبلاغ الشباك بحضورك.",
  howMany: "كم عدد الأشخاص؟",
  people: {
    zero: "لا أحد",
    one: "شخص واحد",
    two: "شخصان",
    few: "{count} أشخاص",
    many: "{count} شخصًا",
    other: "{count} شخص",
  },
  groupTooLarge: "لا يُعطى رقم واحد لهذا العدد هنا. يرجى اختيار عدد أقل، أو السؤال عند الشباك.",
  calledByMistake: "عذرًا، نودي {code} بالخطأ.",
  placeStays: "مكانك محفوظ.",
  whyBefore: "لماذا قبلي؟",
  whyBeforeYouCame: "نودي {code} قبل حصولك على رقم.",
  whyCameEarlier: "حصل {code} على رقم قبلك.",
  whyPriority: "للرقم {code} أولوية هنا: تُحسب {minutes} دقيقة انتظار.",
  whyYouLetAhead: "سمحت للرقم {code} بالمرور أولًا.",
  whyYouAskedForTime: "كنت قد طلبت وقتًا إضافيًا حينها.",
  whyYouWereCalled: "كان رقمك قد نودي حينها، أو كنت عند شباك.",
  whyYouWereElsewhere: "لم تكن في هذا الطابور بعد.",
  whyOtherService: "نودي {code} إلى شباك لخدمة أخرى.",
  whyByHand: "اختار الشباك {code} بنفسه.",

  yourTurn: "{code}، حان دورك",
  counter: "الشباك",
  goTo: "يرجى التوجه إلى",
  goToPlace: "{provider}: يرجى التوجه إلى {place}.",
  counterNamed: "الشباك {counter}",
  calledTimes: {
    zero: "بلا نداء",
    one: "نداء واحد",
    two: "نداءان",
    few: "{count} نداءات",
    many: "{count} نداءً",
    other: "{count} نداء",
  },
  stopAlert: "إيقاف التنبيه",
  wasCalled: "نودي رقمك: {place}",
  serving: "خدمتك جارية الآن: {place}",
  completed: "انتهت الخدمة",
  noShow: "نودي رقمك ولم يحضر أحد",
  noShowAdvice: "يمكن إبلاغ الشباك بالرقم، أو الانضمام من جديد.",
  placeKept: "المكان محفوظ حتى {until}.",
  hereNow: "وصلت",
  onHold: "لم تنتهِ الخدمة بعد",
  cancelled: "رقمك لم يعد في الطابور",
  expired: "أغلقنا قبل أن يحين دورك",
  expiredAdvice: "نعتذر. انتهت صلاحية رقمك؛ يمكن أخذ رقم جديد عندما نفتح.",
  joinAgain: "انضمام من جديد",
  unknown: "رقمك غير معروف هنا",
  unknownAdvice: "قد يكون من يوم آخر. يمكن الانضمام للحصول على رقم جديد.",
  noTicket: "لا رقم لديك بعد",

  bookTime: "حجز موعد",
  myBookings: "حجوزاتي",
  settings: "الإعدادات",
  willBeSent: "{action}: سيُرسل عند عودة الاتصال.",
  wasRefused: "{action}: لم يتم.",
  notSentInTime: "تعذّر الإرسال في الوقت المناسب.",
  changedMeanwhile: "تغيّر شيء في الأثناء.",
  askUs: "فات الوقت. يرجى التواصل معنا.",
  seen: "حسنًا",
  openApart: "فتح في نافذة مستقلة، للاحتفاظ به على هذا الهاتف",
  nobodyBehind: "لا أحد بعدك ليمرّ أولًا.",
  whereAndWhen: "العنوان وساعات العمل",
  carry: "نقله إلى هاتف آخر",
  carryMeans: "يُمسح بالهاتف الآخر، أو بهاتف من يرافقك. عندها يعرضه الهاتفان، ويمكن لكل منهما تغييره.",
  carryCode: "الرمز المراد مسحه",
  cancelBooking: "إلغاء الحجز",
  checkIn: "تسجيل الحضور",
};

export const TEXTS = { en, he, ar };
export type Language = keyof typeof TEXTS;
/** The texts of one of the languages. */
export type Said = (typeof TEXTS)[Language];

/** What each language calls itself. */
export const NAMES: Record<Language, string> = { en: "English", he: "עברית", ar: "العربية" };

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(TEXTS, tag);
}
