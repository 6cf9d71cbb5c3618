// Times are shown in the browser's zone until the user chooses another on the preferences page.
if (!document.cookie.includes("loansite_timezone=")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `loansite_timezone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}
