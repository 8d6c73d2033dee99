// The few words that scripts say themselves; all others come with the page.
const WORDS = {
  copied: ["已复制", "Copied"],
  failed: ["没有成功，什么都没有改变。请再试一次。", "That did not work, and nothing was changed. Please try again."],
  offline: ["连不上服务器。请检查网络后再试。", "The server cannot be reached. Please check the network and try again."],
  signedOut: ["登录已过期，请刷新页面重新登录。", "You have been signed out. Please reload the page and sign in."],
  chooseFile: ["选择文件", "Choose a file"],
  noFile: ["还没有选择", "none chosen yet"],
  chartFailed: ["图没能画出来，数据在下面的表里。", "The chart could not be drawn; its figures are in the table below."],
  day: ["日期", "Day"],
  dayOfMonth: ["日", "Day of month"],
  time: ["时刻", "Time"],
  month: ["月份", "Month"],
  energy: ["日用电量 (kWh)", "Energy a day (kWh)"],
  energyShort: ["日用电", "Daily use"],
  neighbours: ["邻居的常见范围", "Usual range of neighbours"],
  bill: ["电费", "Bill"],
  bills: ["电费 (元)", "Bills (¥)"],
  unpaidBill: ["未结清", "unpaid"],
  payment: ["缴费", "Payment"],
  mark: ["记录", "Record"],
  change: ["变化", "Change"],
  today: ["今天", "Today"],
  unpaid: ["未收电费", "Unpaid"],
  thisMonth: ["本月", "This month"],
  lastMonth: ["上月", "Last month"],
  forecast: ["预计", "Forecast"],
  window: ["催收窗口", "Collection window"],
  low: ["下限", "Low"],
  high: ["上限", "High"],
  value: ["数值", "Value"],
  name: ["名称", "Name"],
  status: ["状态", "Status"],
  to: ["至", "to"],
} as const;

export type Word = keyof typeof WORDS;

export const isChinese = (): boolean => document.documentElement.lang.startsWith("zh");

export const say = (word: Word): string => WORDS[word][isChinese() ? 0 : 1];
