// What the kiosk says. Hebrew and Arabic speak to nobody as a man or a woman.

export interface KioskTexts {
  /** The language's own name. */
  name: string;
  takeNumber: string;
  whichQueue: string;
  whichService: string;
  howMany: string;
  yourName: string;
  yourPhone: string;
  nameMissing: string;
  phoneMissing: string;
  haveBooking: string;
  onSite: string;
  noBooking: string;
  deskSees: string;
  next: string;
  leaveOut: string;
  back: string;
  startAgain: string;
  readAloud: string;
  help: string;
  helpComes: string;
  helpFailed: string;
  closed: string;
  opens: string;
  paused: string;
  full: string;
  failed: string;
  notUsable: string;
  oneMoment: string;
  noAnswer: string;
  cut: string;
  yourNumber: string;
  paper: string;
  remember: string;
  scan: string;
  done: string;
  stillThere: string;
  moreTime: string;
  startsIn: string;
  joined: string;
  likely: string;
  missed: string;
  notPaired: string;
}

const en: KioskTexts = {
  name: "English",
  takeNumber: "Take a number",
  whichQueue: "Where do you want to go?",
  whichService: "What do you come for?",
  howMany: "How many people?",
  yourName: "What is your name?",
  yourPhone: "What is your phone number?",
  nameMissing: "Write a name.",
  phoneMissing: "Write a phone number.",
  haveBooking: "I have a booking",
  onSite: "Booked? Scan or type on your phone:",
  noBooking: "Nothing is booked with this number today. Please ask at the desk.",
  deskSees: "The desk sees it, nobody else.",
  next: "Next",
  leaveOut: "Leave it out",
  back: "Back",
  startAgain: "Start again",
  readAloud: "Read aloud",
  help: "Ask for help",
  helpComes: "The desk was called. Please wait here.",
  helpFailed: "The desk was not reached. Please go to the desk.",
  closed: "Closed now.",
  opens: "Closed. Opens {time}.",
  paused: "No new numbers now. Please ask at the desk.",
  full: "The queue is full now. Please ask at the desk.",
  failed: "That did not work. Please ask at the desk.",
  notUsable: "That cannot be used. Please look at it again.",
  oneMoment: "One moment",
  noAnswer: "No answer yet. Trying again; you get one number only.",
  cut: "No connection. Please ask at the desk.",
  yourNumber: "Your number",
  paper: "Take your paper. No paper? Remember your number or scan this.",
  remember: "Remember your number or scan this.",
  scan: "Scan to take it to your phone.",
  done: "Done",
  stillThere: "Still there?",
  moreTime: "I need more time",
  startsIn: "Starts again in {seconds} s.",
  joined: "Joined {time}",
  likely: "likely {from}–{to}",
  missed: "Missed it? Tell the desk.",
  notPaired: "This screen is not paired any more.",
};

const he: KioskTexts = {
  name: "עברית",
  takeNumber: "קבלת מספר",
  whichQueue: "לאן צריך להגיע?",
  whichService: "מה סיבת ההגעה?",
  howMany: "כמה אנשים?",
  yourName: "מה השם?",
  yourPhone: "מה מספר הטלפון?",
  nameMissing: "יש לכתוב שם.",
  phoneMissing: "יש לכתוב מספר טלפון.",
  haveBooking: "יש לי תור שנקבע",
  onSite: "יש הזמנה? לסרוק או להקליד בטלפון:",
  noBooking: "לא נקבע תור להיום במספר הזה. נא לפנות לדלפק.",
  deskSees: "רק הדלפק רואה את זה.",
  next: "המשך",
  leaveOut: "דילוג",
  back: "חזרה",
  startAgain: "התחלה מחדש",
  readAloud: "הקראה",
  help: "בקשת עזרה",
  helpComes: "הדלפק קיבל קריאה. נא להמתין כאן.",
  helpFailed: "לא הייתה תשובה מהדלפק. נא לגשת לדלפק.",
  closed: "סגור עכשיו.",
  opens: "סגור. נפתח {time}.",
  paused: "אין כרגע מספרים חדשים. נא לפנות לדלפק.",
  full: "התור מלא כרגע. נא לפנות לדלפק.",
  failed: "זה לא הצליח. נא לפנות לדלפק.",
  notUsable: "אי אפשר להשתמש בזה. כדאי לבדוק שוב.",
  oneMoment: "רק רגע",
  noAnswer: "אין עדיין תשובה. מנסים שוב; מתקבל מספר אחד בלבד.",
  cut: "אין חיבור. נא לפנות לדלפק.",
  yourNumber: "המספר שלך",
  paper: "נא לקחת את הפתק. אין פתק? כדאי לזכור את המספר או לסרוק.",
  remember: "כדאי לזכור את המספר או לסרוק.",
  scan: "סריקה תעביר את המספר לטלפון.",
  done: "סיום",
  stillThere: "עדיין כאן?",
  moreTime: "צריך עוד זמן",
  startsIn: "מתחיל מחדש בעוד {seconds} שנ׳.",
  joined: "הצטרפות {time}",
  likely: "כנראה {from}–{to}",
  missed: "הקריאה הוחמצה? נא לפנות לדלפק.",
  notPaired: "המסך הזה כבר לא משויך.",
};

const ar: KioskTexts = {
  name: "العربية",
  takeNumber: "الحصول على رقم",
  whichQueue: "ما هي الوجهة؟",
  whichService: "ما سبب الزيارة؟",
  howMany: "كم عدد الأشخاص؟",
  yourName: "ما الاسم؟",
  yourPhone: "ما رقم الهاتف؟",
  nameMissing: "يرجى كتابة الاسم.",
  phoneMissing: "يرجى كتابة رقم هاتف.",
  haveBooking: "لديّ موعد محجوز",
  onSite: "لديك حجز؟ للمسح أو الإدخال على الهاتف:",
  noBooking: "لا موعد محجوز اليوم بهذا الرقم. يرجى سؤال المكتب.",
  deskSees: "لا يراه سوى مكتب الخدمة.",
  next: "التالي",
  leaveOut: "تخطٍّ",
  back: "رجوع",
  startAgain: "البدء من جديد",
  readAloud: "قراءة بصوت",
  help: "طلب مساعدة",
  helpComes: "تم إبلاغ المكتب. يرجى الانتظار هنا.",
  helpFailed: "لم يُبلَّغ المكتب. يرجى التوجه إليه.",
  closed: "مغلق الآن.",
  opens: "مغلق. يفتح {time}.",
  paused: "لا أرقام جديدة الآن. يرجى سؤال المكتب.",
  full: "الطابور ممتلئ الآن. يرجى سؤال المكتب.",
  failed: "لم ينجح ذلك. يرجى سؤال المكتب.",
  notUsable: "لا يمكن استخدام ذلك. يرجى مراجعته.",
  oneMoment: "لحظة",
  noAnswer: "لا جواب بعد. جارٍ التكرار؛ رقم واحد فقط يُعطى.",
  cut: "لا اتصال. يرجى سؤال المكتب.",
  yourNumber: "الرقم",
  paper: "يرجى أخذ الورقة. لا ورقة؟ يمكن حفظ الرقم أو مسح الرمز.",
  remember: "يمكن حفظ الرقم أو مسح الرمز.",
  scan: "مسح الرمز ينقل الرقم إلى الهاتف.",
  done: "تم",
  stillThere: "هل من أحد هنا؟",
  moreTime: "مزيد من الوقت",
  startsIn: "يبدأ من جديد بعد {seconds} ث.",
  joined: "انضمام {time}",
  likely: "على الأرجح {from}–{to}",
  missed: "فات النداء؟ يرجى إبلاغ المكتب.",
  notPaired: "هذه الشاشة لم تعد مقترنة.",
};

export const TEXTS: Record<string, KioskTexts> = { en, he, ar };
export const RIGHT_TO_LEFT = new Set(["he", "ar"]);
