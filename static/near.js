// 'Near me': the phone finds the nearest city in a list, and sends the city's number alone.
"use strict";

(() => {
  const button = document.querySelector("[data-near]");
  if (!button) return;
  const said = document.querySelector("[data-near-said]");
  if (!navigator.geolocation) button.hidden = true;

  const nearest = (cities, { latitude, longitude }) => {
    const narrowing = Math.cos((latitude * Math.PI) / 180);
    const apart = ([, , , north, east]) => Math.hypot(north - latitude, (east - longitude) * narrowing);
    return cities.reduce((best, city) => (apart(city) < apart(best) ? city : best));
  };

  button.addEventListener("click", () => {
    said.textContent = said.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        try {
          const cities = await (await fetch(button.dataset.cities)).json();
          const place = document.querySelector("input[name=place]");
          place.value = nearest(cities, coords)[0];
          place.form.requestSubmit();
        } catch {
          said.textContent = said.dataset.refused;
        }
      },
      () => (said.textContent = said.dataset.refused),
      { timeout: 15000, maximumAge: 600000 },
    );
  });
})();
