// The map of open cases: outlines of our own, cities, and counts of counties put together by cells.
"use strict";

(() => {
  const box = document.querySelector("[data-open-map]");
  if (!box || !window.L) return;
  const told = box.dataset;
  const CELL = 80;
  // From which zoom a city's name is shown, by its rank.
  const NAMES_FROM = { 1: 5, 2: 7 };
  const json = async (address) => (await fetch(address, { headers: { Accept: "application/json" } })).json();

  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const linkTo = (code, text) => {
    const link = element("a", "", text);
    link.href = `${told.near}?place=${code}&within=50`;
    return link;
  };

  const open = ([outlines, cities, { places }]) => {
    box.replaceChildren();
    box.className = "moving-map";
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", told.label);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(box, {
      zoomAnimation: !still,
      fadeAnimation: !still,
      inertia: !still,
      minZoom: 3,
      maxZoom: told.tiles ? 12 : 9,
      maxBounds: [[0, 60], [60, 150]],
      zoomControl: false,
      scrollWheelZoom: false,
      attributionControl: Boolean(told.tiles),
    });
    L.control.zoom({ zoomInTitle: told.in, zoomOutTitle: told.out }).addTo(map);
    if (told.tiles) {
      map.attributionControl.setPrefix(false);
      L.tileLayer(told.tiles, { attribution: element("span", "", told.credit).innerHTML }).addTo(map);
    }
    L.geoJSON(outlines, { interactive: false, className: told.tiles ? "outline" : "land" }).addTo(map);

    map.createPane("cities");
    const names = L.layerGroup().addTo(map);
    const counts = L.layerGroup().addTo(map);

    const showNames = () => {
      names.clearLayers();
      const seen = map.getBounds().pad(0.1);
      for (const [, chinese, english, latitude, longitude, rank] of cities) {
        if (map.getZoom() < NAMES_FROM[rank] || !seen.contains([latitude, longitude])) continue;
        const html = element("span", "", told.chinese ? chinese.replace(/(市|特别行政区)$/, "") : english);
        const icon = L.divIcon({ className: "city", html, iconSize: null });
        L.marker([latitude, longitude], { icon, interactive: false, keyboard: false, pane: "cities" }).addTo(names);
      }
    };

    const clusters = () => {
      const cells = new Map();
      for (const place of places) {
        const { x, y } = map.project([place[2], place[3]], map.getZoom());
        const cell = `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
        cells.set(cell, [...(cells.get(cell) || []), place]);
      }
      return [...cells.values()];
    };

    const popup = (at, content) => L.popup({ maxHeight: 260 }).setLatLng(at).setContent(content).openOn(map);

    const listOf = (inside) => {
      const list = element("ul", "plain", "");
      for (const [code, name, , , count] of inside) {
        const item = element("li", "", "");
        item.append(linkTo(code, name), ` ${count}`);
        list.append(item);
      }
      return list;
    };

    const showCounts = () => {
      counts.clearLayers();
      for (const inside of clusters()) {
        const sum = inside.reduce((total, place) => total + place[4], 0);
        const middle = (column) => inside.reduce((total, place) => total + place[column] * place[4], 0) / sum;
        const at = [middle(2), middle(3)];
        const size = 48 + Math.min(24, 8 * Math.log10(sum));
        const html = element("span", "", sum);
        const icon = L.divIcon({ className: "count", html, iconSize: [size, size] });
        const marker = L.marker(at, { icon, riseOnHover: true });
        marker.on("click", () => {
          const closer = map.getBoundsZoom(L.latLngBounds(inside.map((place) => [place[2], place[3]])));
          if (inside.length > 8 && closer > map.getZoom()) map.setView(at, Math.min(closer, map.getZoom() + 2));
          else popup(at, listOf(inside));
        });
        marker.addTo(counts);
        const labels = inside.slice(0, 3).map((place) => place[1]);
        marker.getElement().setAttribute("aria-label", `${told.here.replace("#", sum)} (${labels.join("; ")})`);
      }
    };

    map.on("click", ({ latlng }) => {
      const narrowing = Math.cos((latlng.lat * Math.PI) / 180);
      const apart = (city) => Math.hypot(city[3] - latlng.lat, (city[4] - latlng.lng) * narrowing);
      const city = cities.reduce((best, other) => (apart(other) < apart(best) ? other : best));
      popup(latlng, linkTo(city[0], told.around.replace("#", city[told.chinese ? 1 : 2])));
    });
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    // Layers stand on the page only once there is a view.
    map.fitBounds(L.latLngBounds(places.map((place) => [place[2], place[3]])).pad(0.1), { maxZoom: 7 });
    showNames();
    showCounts();
    map.on("zoomend", showCounts);
    map.on("moveend", showNames);
  };

  Promise.all([json(told.outlines), json(told.cities), json(told.places)]).then(open, () => {});
})();
