// What the settings say; loaded with them. As in texts.ts, to nobody as a man or a woman.

import type { Language } from "./texts.ts";

const en = {
  textSize: "Text size",
  normal: "As usual",
  large: "Large",
  larger: "Very large",
  alerts: "When it is your turn",
  quiet: "Quiet: no sound, no vibration",
  turnOn: "Turn on alerts",
  turnOff: "Turn off alerts",
  noneWork: "This device can not alert you. Keep the page open, or listen for your number.",
  testTitle: "This is a test",
  erase: "Erase me from this phone",
  eraseMeans:
    "Your number, your bookings, what you typed and these settings are removed from this phone.",
  eraseKeeps:
    "Your place in line and your bookings stay as they are; without this phone, ask at the desk to change them.",
  keep: "Keep everything",
};
export type SettingsSaid = typeof en;

const he: SettingsSaid = {
  textSize: "גודל הטקסט",
  normal: "רגיל",
  large: "גדול",
  larger: "גדול מאוד",
  alerts: "כשיגיע תורך",
  quiet: "שקט: בלי צליל ובלי רטט",
  turnOn: "הפעלת התראות",
  turnOff: "כיבוי ההתראות",
  noneWork: "המכשיר הזה אינו יכול להתריע. נא להשאיר את הדף פתוח, או להקשיב למספר.",
  testTitle: "זוהי בדיקה",
  erase: "למחוק אותי מהמכשיר הזה",
  eraseMeans: "המספר, ההזמנות, מה שהוקלד וההגדרות האלה יוסרו מהמכשיר הזה.",
  eraseKeeps: "המקום בתור וההזמנות נשארים כפי שהם; בלי המכשיר הזה אפשר לשנות אותם בדלפק.",
  keep: "להשאיר הכול",
};

const ar: SettingsSaid = {
  textSize: "حجم النص",
  normal: "عادي",
  large: "كبير",
  larger: "كبير جدًا",
  alerts: "عندما يحين دورك",
  quiet: "هدوء: بلا صوت وبلا اهتزاز",
  turnOn: "تشغيل التنبيهات",
  turnOff: "إيقاف التنبيهات",
  noneWork: "لا يستطيع هذا الجهاز التنبيه. يرجى إبقاء الصفحة مفتوحة، أو الإصغاء إلى الرقم.",
  testTitle: "هذا اختبار",
  erase: "محوي من هذا الهاتف",
  eraseMeans: "يُزال من هذا الهاتف الرقم والحجوزات وما كُتب وهذه الإعدادات.",
  eraseKeeps: "يبقى المكان في الطابور والحجوزات كما هي؛ ومن دون هذا الهاتف يمكن تغييرها عند الشباك.",
  keep: "الإبقاء على كل شيء",
};

export const SETTINGS_TEXTS: Record<Language, SettingsSaid> = { en, he, ar };
