// Before the first paint, so that a chosen theme does not flash. A classic script, because modules are deferred.
(() => {
  try {
    const chosen = localStorage.getItem('caching-proxy.theme');
    if (chosen === 'light' || chosen === 'dark') {
      document.documentElement.dataset.theme = chosen;
    }
  } catch {
    // Storage is off: the theme of the system.
  }
})();
