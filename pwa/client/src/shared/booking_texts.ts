// What the screens of bookings say; they are loaded with the first of them.
//
// As in texts.ts: every language has every text, and speaks to nobody as a man or a woman.

import type { Forms, Language } from "./texts.ts";

type Form<F extends Intl.LDMLPluralRule> = Record<F, string>;

interface Texts<F extends Intl.LDMLPluralRule> {
  withWhom: string;
  anybody: string;
  where: string;
  nextFree: string;
  previousDay: string;
  nextDay: string;
  nextFreeDay: string;
  anotherDay: string;
  noTimes: string;
  noTimesAtAll: string;
  zone: string;
  cannotBook: string;
  approval: string;

  keptUntil: string;
  keptNoMore: string;
  yourEmail: string;
  tellOfChanges: string;
  note: string;
  answerMissing: string;
  emailNotUsable: string;
  phoneNotUsable: string;
  book: string;
  askForIt: string;
  notBooked: string;
  neverTwice: string;
  taken: string;
  free: Form<F>;
  otherTimes: string;

  repeat: string;
  howOften: string;
  once: string;
  everyWeek: string;
  everyWeeks: string;
  howManyTimes: string;
  lastOne: string;
  bookAll: string;
  askForAll: string;
  notAllFree: string;
  isTaken: string;
  bookOthers: string;

  noBookings: string;
  booked: string;
  pending: string;
  arrived: string;
  fulfilled: string;
  cancelled: string;
  declined: string;
  noShow: string;
  with: string;
  move: string;
  addToCalendar: string;
  mailCalendar: string;
  mailMeans: string;
  mailed: string;
  notMailed: string;
  noAddress: string;
  codeThere: string;
  sayCode: string;
  cancelUntil: string;
  notMoved: string;
  notCancelled: string;
  notCheckedIn: string;
  moveWhen: string;
  now: string;
  later: string;
  over: string;
  remove: string;
  unknown: string;
  change: string;
  toBookings: string;

  waitForOne: string;
  waitMeans: string;
  fromUntil: string;
  reachMissing: string;
  notWaiting: string;
  waitingFor: string;
  between: string;
  waitNoMore: string;
  tellMeOfTimes: string;
  toldOfTimes: string;
  notToldOfTimes: string;
  becameFree: string;
  keptFor: string;
  takeIt: string;
  notThisOne: string;
  offerOver: string;
  insteadOfWaiting: string;
  stayInLine: string;

  changeTooLate: string;
  tooManyChanges: string;
  askProvider: string;
  tooSoon: string;
  tooFar: string;
  timePast: string;
  nobodyWorks: string;
  tooEarly: string;
  tellDesk: string;
  isClosed: string;
  notAnyMore: string;
  notOffered: string;
}

const en: Texts<"one" | "other"> = {
  withWhom: "With whom",
  anybody: "Anybody",
  where: "Where",
  nextFree: "Next free: {time}",
  previousDay: "Previous day",
  nextDay: "Next day",
  nextFreeDay: "Next free day",
  anotherDay: "Another day",
  noTimes: "No free times on this day.",
  noTimesAtAll: "There are no free times until {day}. Ask at the desk.",
  zone: "These times are in {zone}.",
  cannotBook: "Nothing can be booked here now.",
  approval: "Somebody looks at it first. You will hear whether it is confirmed.",

  keptUntil: "We keep this time for you until {time}.",
  keptNoMore: "This time is not kept any more, but it may still be free.",
  yourEmail: "Your email address",
  tellOfChanges: "So that we can tell you if something changes.",
  note: "Is there anything we should know?",
  answerMissing: "Please answer this.",
  emailNotUsable: "Look at the address again: it is written like name@example.com.",
  phoneNotUsable: "Look at the number again.",
  book: "Book",
  askForIt: "Ask for this time",
  notBooked: "Not booked yet.",
  neverTwice: "Trying again never books it twice.",
  taken: "{time} was just taken.",
  free: { one: "{times} is free.", other: "{times} are free." },
  otherTimes: "Other times",

  repeat: "Repeat this booking",
  howOften: "How often",
  once: "Just once",
  everyWeek: "Every week",
  everyWeeks: "Every {weeks} weeks",
  howManyTimes: "How many times",
  lastOne: "The last one is on {day}.",
  bookAll: "Book all {count}",
  askForAll: "Ask for all {count}",
  notAllFree: "Not free: {taken} of {all}.",
  isTaken: "{time} is taken.",
  bookOthers: "Leave those out, book {count}",

  noBookings: "No bookings",
  booked: "Booked",
  pending: "Asked for. You will hear whether it is confirmed.",
  arrived: "You are here.",
  fulfilled: "Took place",
  cancelled: "Cancelled",
  declined: "Could not be confirmed",
  noShow: "Nobody came",
  with: "With {names}",
  move: "Move to another time",
  addToCalendar: "Add to calendar",
  mailCalendar: "Mail me my calendar",
  mailMeans: "An address for your calendar program, with all that you have booked here.",
  mailed: "It is on its way to your email address.",
  notMailed: "Not mailed.",
  noAddress: "We have no email address of yours. Please give us one at the desk.",
  codeThere: "The code on the screen at the place",
  sayCode: "Type the code that the screen there shows, or tell the desk that you are here.",
  cancelUntil: "You can cancel until {time}.",
  notMoved: "Not moved.",
  notCancelled: "Not cancelled.",
  notCheckedIn: "Not checked in.",
  moveWhen: "Move to when?",
  now: "Booked now: {time}",
  later: "Later",
  over: "Over",
  remove: "Remove from this phone",
  unknown: "A booking is not known here any more. It was removed from this phone.",
  change: "Change",
  toBookings: "See my bookings",

  waitForOne: "Tell me when a time becomes free",
  waitMeans: "When somebody cancels, the time is kept for you for a while, and you are told.",
  fromUntil: "From {day} until",
  reachMissing: "Write an address or a phone number, so that we can tell you.",
  notWaiting: "Not on the list yet.",
  waitingFor: "Waiting for a time",
  between: "{first} to {last}",
  waitNoMore: "Wait no more",
  tellMeOfTimes: "Tell me on this phone",
  toldOfTimes: "This phone tells you when a time is kept for you.",
  notToldOfTimes: "This phone can not tell you. Look here now and then.",
  becameFree: "This became free: {service}.",
  keptFor: "It is kept for you for {time}.",
  takeIt: "Take it",
  notThisOne: "Not this one, wait on",
  offerOver: "It is not kept any more. You wait on.",
  insteadOfWaiting: "A time became free: {time}. You can take it instead of waiting.",
  stayInLine: "Stay in line",

  changeTooLate: "It is too late to change it here. Please ask us.",
  tooManyChanges: "It was moved as often as is possible here. Please ask us.",
  askProvider: "Please ask us for a time.",
  tooSoon: "That is too soon. Choose a later time.",
  tooFar: "That is too far ahead. Choose an earlier time.",
  timePast: "This time is over. Choose another.",
  nobodyWorks: "Nobody works at {time}.",
  tooEarly: "You can check in on the day itself.",
  tellDesk: "Please tell the desk that you are here.",
  isClosed: "We are closed now. Check in when we open.",
  notAnyMore: "It changed meanwhile. Look at it again.",
  notOffered: "This is not offered there. Choose something else.",
};

const he: Texts<"one" | "two" | "other"> = {
  withWhom: "אצל מי",
  anybody: "לא משנה",
  where: "היכן",
  nextFree: "הפנוי הבא: {time}",
  previousDay: "היום הקודם",
  nextDay: "היום הבא",
  nextFreeDay: "היום הפנוי הבא",
  anotherDay: "יום אחר",
  noTimes: "אין זמנים פנויים ביום הזה.",
  noTimesAtAll: "אין זמנים פנויים עד {day}. אפשר לשאול בדלפק.",
  zone: "השעות לפי {zone}.",
  cannotBook: "אין כאן כרגע מה להזמין.",
  approval: "הבקשה נבדקת תחילה. נודיע אם אושרה.",

  keptUntil: "הזמן הזה שמור לך עד {time}.",
  keptNoMore: "הזמן הזה אינו שמור עוד, אבל אולי הוא עדיין פנוי.",
  yourEmail: "כתובת הדוא״ל שלך",
  tellOfChanges: "כדי שנוכל להודיע אם משהו משתנה.",
  note: "יש משהו שכדאי שנדע?",
  answerMissing: "נא לענות על השאלה.",
  emailNotUsable: "נא לבדוק את הכתובת: היא נכתבת כמו name@example.com.",
  phoneNotUsable: "נא לבדוק את המספר.",
  book: "הזמנה",
  askForIt: "בקשת הזמן הזה",
  notBooked: "עדיין לא הוזמן.",
  neverTwice: "ניסיון נוסף לעולם אינו מזמין פעמיים.",
  taken: "{time} נתפס זה עתה.",
  free: { one: "{times} פנוי.", two: "{times} פנויים.", other: "{times} פנויים." },
  otherTimes: "זמנים אחרים",

  repeat: "הזמנה חוזרת",
  howOften: "באיזו תדירות",
  once: "פעם אחת",
  everyWeek: "כל שבוע",
  everyWeeks: "כל {weeks} שבועות",
  howManyTimes: "כמה פעמים",
  lastOne: "האחרונה ב־{day}.",
  bookAll: "הזמנת כל {count}",
  askForAll: "בקשת כל {count}",
  notAllFree: "לא פנויים: {taken} מתוך {all}.",
  isTaken: "השעה {time} תפוסה.",
  bookOthers: "להשמיט אותם ולהזמין {count}",

  noBookings: "אין הזמנות",
  booked: "הוזמן",
  pending: "נשלחה בקשה. נודיע אם אושרה.",
  arrived: "הגעתך נרשמה.",
  fulfilled: "התקיים",
  cancelled: "בוטל",
  declined: "לא ניתן היה לאשר",
  noShow: "איש לא הגיע",
  with: "אצל {names}",
  move: "העברה לזמן אחר",
  addToCalendar: "הוספה ליומן",
  mailCalendar: "שליחת היומן שלי בדוא״ל",
  mailMeans: "כתובת לתוכנת היומן שלך, עם כל מה שהוזמן כאן.",
  mailed: "ההודעה בדרך לכתובת הדוא״ל שלך.",
  notMailed: "לא נשלח.",
  noAddress: "אין לנו כתובת דוא״ל שלך. אפשר למסור אותה בדלפק.",
  codeThere: "הקוד שעל המסך במקום",
  sayCode: "נא להקליד את הקוד שמוצג על המסך במקום, או למסור בדלפק שהגעת.",
  cancelUntil: "אפשר לבטל עד {time}.",
  notMoved: "לא הועבר.",
  notCancelled: "לא בוטל.",
  notCheckedIn: "ההגעה לא נרשמה.",
  moveWhen: "להעביר למתי?",
  now: "מוזמן כעת: {time}",
  later: "בהמשך",
  over: "הסתיים",
  remove: "הסרה מהמכשיר הזה",
  unknown: "הזמנה אחת אינה מוכרת כאן עוד. היא הוסרה מהמכשיר הזה.",
  change: "שינוי",
  toBookings: "אל ההזמנות שלי",

  waitForOne: "הודיעו לי כשמתפנה זמן",
  waitMeans: "כשמישהו מבטל, הזמן נשמר לך לזמן מה ונודיע לך.",
  fromUntil: "מ־{day} עד",
  reachMissing: "נא לכתוב כתובת או מספר טלפון, כדי שנוכל להודיע.",
  notWaiting: "עדיין לא ברשימה.",
  waitingFor: "בהמתנה לזמן",
  between: "{first} עד {last}",
  waitNoMore: "הפסקת ההמתנה",
  tellMeOfTimes: "להודיע לי במכשיר הזה",
  toldOfTimes: "המכשיר הזה יודיע לך כשמועד נשמר עבורך.",
  notToldOfTimes: "המכשיר הזה אינו יכול להודיע. כדאי להציץ כאן מדי פעם.",
  becameFree: "התפנה: {service}.",
  keptFor: "שמור לך למשך {time}.",
  takeIt: "לקחת",
  notThisOne: "לא הזמן הזה, להמשיך להמתין",
  offerOver: "הוא אינו שמור עוד. ההמתנה נמשכת.",
  insteadOfWaiting: "התפנה זמן: {time}. אפשר לקחת אותו במקום להמתין.",
  stayInLine: "להישאר בתור",

  changeTooLate: "מאוחר מדי לשנות כאן. נא לפנות אלינו.",
  tooManyChanges: "הועבר כבר כמספר הפעמים שאפשר כאן. נא לפנות אלינו.",
  askProvider: "נא לפנות אלינו כדי לקבוע זמן.",
  tooSoon: "מוקדם מדי. נא לבחור זמן מאוחר יותר.",
  tooFar: "רחוק מדי. נא לבחור זמן מוקדם יותר.",
  timePast: "הזמן הזה עבר. נא לבחור אחר.",
  nobodyWorks: "איש אינו עובד בשעה {time}.",
  tooEarly: "אפשר לרשום הגעה ביום עצמו.",
  tellDesk: "נא למסור בדלפק שהגעת.",
  isClosed: "סגור עכשיו. אפשר לרשום הגעה כשנפתח.",
  notAnyMore: "משהו השתנה בינתיים. נא להסתכל שוב.",
  notOffered: "זה אינו מוצע שם. נא לבחור משהו אחר.",
};

const ar: Texts<Intl.LDMLPluralRule> = {
  withWhom: "مع من",
  anybody: "أي شخص",
  where: "أين",
  nextFree: "أقرب موعد متاح: {time}",
  previousDay: "اليوم السابق",
  nextDay: "اليوم التالي",
  nextFreeDay: "أقرب يوم متاح",
  anotherDay: "يوم آخر",
  noTimes: "لا مواعيد متاحة في هذا اليوم.",
  noTimesAtAll: "لا مواعيد متاحة حتى {day}. يمكن السؤال عند الشباك.",
  zone: "هذه الأوقات حسب {zone}.",
  cannotBook: "لا شيء يمكن حجزه هنا الآن.",
  approval: "يُراجَع الطلب أولًا، ثم نُعلمك إن تأكد.",

  keptUntil: "هذا الموعد محفوظ لك حتى {time}.",
  keptNoMore: "لم يعد هذا الموعد محفوظًا، وقد يكون ما زال متاحًا.",
  yourEmail: "عنوان بريدك الإلكتروني",
  tellOfChanges: "لنتمكن من إبلاغك إن تغيّر شيء.",
  note: "هل هناك ما يجدر بنا معرفته؟",
  answerMissing: "ترجى الإجابة عن هذا السؤال.",
  emailNotUsable: "ترجى مراجعة العنوان: يُكتب مثل name@example.com.",
  phoneNotUsable: "ترجى مراجعة الرقم.",
  book: "حجز",
  askForIt: "طلب هذا الموعد",
  notBooked: "لم يتم الحجز بعد.",
  neverTwice: "إعادة المحاولة لا تحجز مرتين أبدًا.",
  taken: "حُجز الموعد {time} للتو.",
  free: {
    zero: "لا موعد متاح.",
    one: "الموعد {times} متاح.",
    two: "الموعدان {times} متاحان.",
    few: "المواعيد {times} متاحة.",
    many: "المواعيد {times} متاحة.",
    other: "المواعيد {times} متاحة.",
  },
  otherTimes: "مواعيد أخرى",

  repeat: "حجز متكرر",
  howOften: "كم مرة",
  once: "مرة واحدة",
  everyWeek: "كل أسبوع",
  everyWeeks: "كل {weeks} أسابيع",
  howManyTimes: "عدد المرات",
  lastOne: "الأخير في {day}.",
  bookAll: "حجز الكل ({count})",
  askForAll: "طلب الكل ({count})",
  notAllFree: "غير متاح: {taken} من {all}.",
  isTaken: "الموعد {time} محجوز.",
  bookOthers: "حجز {count} من دونها",

  noBookings: "لا حجوزات",
  booked: "تم الحجز",
  pending: "أُرسل الطلب، وسنُعلمك إن تأكد.",
  arrived: "سُجّل حضورك.",
  fulfilled: "تم",
  cancelled: "أُلغي",
  declined: "تعذّر تأكيده",
  noShow: "لم يحضر أحد",
  with: "مع {names}",
  move: "نقل إلى وقت آخر",
  addToCalendar: "إضافة إلى التقويم",
  mailCalendar: "إرسال تقويمي بالبريد",
  mailMeans: "عنوان لبرنامج التقويم لديك، فيه كل ما حُجز هنا.",
  mailed: "الرسالة في طريقها إلى بريدك الإلكتروني.",
  notMailed: "لم تُرسل.",
  noAddress: "لا نعرف عنوان بريدك الإلكتروني. يمكن إعطاؤه عند الشباك.",
  codeThere: "الرمز على الشاشة في المكان",
  sayCode: "يرجى إدخال الرمز الظاهر على الشاشة هناك، أو إبلاغ الشباك بحضورك.",
  cancelUntil: "يمكن الإلغاء حتى {time}.",
  notMoved: "لم يُنقل.",
  notCancelled: "لم يُلغَ.",
  notCheckedIn: "لم يُسجَّل الحضور.",
  moveWhen: "النقل إلى أي وقت؟",
  now: "المحجوز الآن: {time}",
  later: "لاحقًا",
  over: "انتهى",
  remove: "إزالة من هذا الهاتف",
  unknown: "أحد الحجوزات لم يعد معروفًا هنا، وقد أُزيل من هذا الهاتف.",
  change: "تغيير",
  toBookings: "عرض حجوزاتي",

  waitForOne: "أبلغوني عندما يتاح موعد",
  waitMeans: "عند إلغاء موعد يُحفظ لك لبعض الوقت ونُعلمك.",
  fromUntil: "من {day} حتى",
  reachMissing: "يرجى كتابة عنوان أو رقم هاتف لنتمكن من إبلاغك.",
  notWaiting: "لم تتم الإضافة إلى القائمة بعد.",
  waitingFor: "بانتظار موعد",
  between: "{first} إلى {last}",
  waitNoMore: "إيقاف الانتظار",
  tellMeOfTimes: "أخبروني على هذا الهاتف",
  toldOfTimes: "يُعلمك هذا الهاتف عندما يُحجز لك موعد.",
  notToldOfTimes: "لا يستطيع هذا الهاتف الإعلام. يُستحسن النظر هنا من حين لآخر.",
  becameFree: "أصبح متاحًا: {service}.",
  keptFor: "محفوظ لك لمدة {time}.",
  takeIt: "أخذ الموعد",
  notThisOne: "ليس هذا الموعد، أواصل الانتظار",
  offerOver: "لم يعد محفوظًا. الانتظار مستمر.",
  insteadOfWaiting: "أصبح موعد متاحًا: {time}. يمكن أخذه بدل الانتظار.",
  stayInLine: "البقاء في الطابور",

  changeTooLate: "فات وقت التغيير هنا. يرجى التواصل معنا.",
  tooManyChanges: "نُقل بقدر ما يُسمح به هنا. يرجى التواصل معنا.",
  askProvider: "يرجى التواصل معنا لتحديد موعد.",
  tooSoon: "هذا قريب جدًا. يرجى اختيار وقت لاحق.",
  tooFar: "هذا بعيد جدًا. يرجى اختيار وقت أقرب.",
  timePast: "انقضى هذا الوقت. يرجى اختيار غيره.",
  nobodyWorks: "لا أحد يعمل عند {time}.",
  tooEarly: "يمكن تسجيل الحضور في اليوم نفسه.",
  tellDesk: "يرجى إبلاغ الشباك بحضورك.",
  isClosed: "مغلق الآن. يمكن تسجيل الحضور عندما نفتح.",
  notAnyMore: "تغيّر شيء في الأثناء. ترجى المراجعة من جديد.",
  notOffered: "هذا غير متاح هناك. يرجى اختيار شيء آخر.",
};

export const BOOKING_TEXTS = { en, he, ar } satisfies Record<Language, Texts<never> & object>;
/** The texts of one of the languages. */
export type BookingSaid = Omit<typeof en, "free"> & { free: Forms };
