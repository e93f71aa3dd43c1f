// All views, in the order of the list; each is loaded when it is first looked at.

export const VIEWS = [
  { name: "messages", label: "Messages", icon: "messages", key: "m", load: () => import("./views/messages.js") },
  { name: "conversations", label: "Conversations", icon: "conversations", key: "c", load: () => import("./views/conversations.js") },
  { name: "queue", label: "Queue", icon: "queue", key: "q", load: () => import("./views/queue.js") },
  { name: "clock", label: "Clock", icon: "clock", key: "t", load: () => import("./views/clock.js") },
  { name: "faults", label: "Faults", icon: "faults", key: "f", load: () => import("./views/faults.js") },
  { name: "account", label: "Account", icon: "account", key: "a", load: () => import("./views/account.js") },
  { name: "reports", label: "Reports", icon: "reports", key: "r", load: () => import("./views/reports.js") },
  { name: "calculator", label: "Calculator", icon: "calculator", key: "x", load: () => import("./views/calculator.js") },
];
