#include "town/day_book.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace packwalk::town {
namespace {

constexpr auto rest_between_outings = std::chrono::minutes(10);

}  // namespace

DayBook::DayBook(const Town& town, std::int64_t day) : town_(town) {
  plan_.begin = town.begin_of(day);
  plan_.outings.resize(town.dogs());
}

std::uint32_t DayBook::keep(const TimedPath& path) {
  plan_.paths.push_back(path);
  return static_cast<std::uint32_t>(plan_.paths.size() - 1);
}

DayPlan DayBook::closed() && {
  for (auto& outings : plan_.outings) {
    std::sort(outings.begin(), outings.end(), [](const Outing& x, const Outing& y) { return x.from < y.from; });
  }
  return std::move(plan_);
}

void DayBook::go_on(TimedPath& path, Corner from, Corner to, Random& random) const {
  const double pace = random.uniform(0.95, 1.6);
  for (const Corner corner : town_.streets().way(from, to, random)) {
    path.walk_to(town_.streets().at(corner), pace * random.uniform(0.9, 1.1));
    if (random.chance(0.06)) path.wait(random.uniform(5, 40));
  }
}

// From one appointment to the next, by way of some corner where the dog passes the time that is left.
bool DayBook::travel(const Appointment& before, const Appointment& next, Random& random, Outing& outing) {
  const Corner rest = town_.streets().near(before.until, 4, random);
  TimedPath away(before.leave, town_.streets().at(before.until));
  go_on(away, before.until, rest, random);
  TimedPath back(0, town_.streets().at(rest));
  go_on(back, rest, next.at, random);
  back.shift(next.arrive - back.end());
  if (back.begin() < away.end()) return false;
  outing.stretches.push_back({before.leave, back.begin(), keep(away)});
  outing.stretches.push_back({back.begin(), next.join, keep(back)});
  return true;
}

bool DayBook::is_free(DogIndex dog, const Outing& outing) const {
  if (outing.from <= plan_.begin || outing.to >= plan_.begin + std::chrono::days(1)) return false;
  const auto& others = plan_.outings[dog];
  return std::all_of(others.begin(), others.end(), [&](const Outing& other) {
    return outing.from >= other.to + rest_between_outings || other.from >= outing.to + rest_between_outings;
  });
}

// False, and nothing planned, when the dog cannot go.
bool DayBook::send_out(const Guest& guest, Random& random) {
  const Home& home = town_.dog(guest.dog).home;
  const Appointment& first = guest.appointments.front();
  const Appointment& last = guest.appointments.back();
  TimedPath out(0, home.door);
  out.walk_to(home.gate, 1.0);
  out.walk_to(town_.streets().at(home.corner), 1.1);
  go_on(out, home.corner, first.at, random);
  out.shift(first.arrive - out.end());
  TimedPath back(last.leave, town_.streets().at(last.until));
  go_on(back, last.until, home.corner, random);
  back.walk_to(home.gate, 1.1);
  back.walk_to(home.door, 1.0);

  Outing outing{at(std::floor(out.begin())), at(std::ceil(back.end())), {}};
  if (!is_free(guest.dog, outing)) return false;
  const std::size_t paths_before = plan_.paths.size();
  outing.stretches.push_back({out.begin(), first.join, keep(out)});
  for (std::size_t i = 0; i < guest.appointments.size(); ++i) {
    const Appointment& now = guest.appointments[i];
    if (i > 0 && !travel(guest.appointments[i - 1], now, random, outing)) {
      plan_.paths.erase(plan_.paths.begin() + static_cast<std::ptrdiff_t>(paths_before), plan_.paths.end());
      return false;
    }
    outing.stretches.push_back({now.join, now.leave, now.path, now.behind, now.off_leash});
  }
  outing.stretches.push_back({last.leave, back.end(), keep(back)});
  plan_.outings[guest.dog].push_back(std::move(outing));
  ++outings_;
  return true;
}

std::vector<Guest> DayBook::send_out(const std::vector<Guest>& guests, std::size_t guests_min, Random& random) {
  std::vector<Guest> gone;
  for (const Guest& guest : guests) {
    if (send_out(guest, random)) gone.push_back(guest);
  }
  if (gone.size() >= guests_min) return gone;
  for (const Guest& guest : gone) plan_.outings[guest.dog].pop_back();
  outings_ -= gone.size();
  return {};
}

void DayBook::note(CompanyKind kind, const Guest& x, const Guest& y, std::size_t appointment) {
  const Appointment& a = x.appointments[appointment];
  const Appointment& b = y.appointments[appointment];
  const double from = std::ceil(std::max(a.since, b.since));
  const double to = std::floor(std::min(a.leave, b.leave));
  if (to <= from) return;
  const bool swap = kind != CompanyKind::follow && y.dog < x.dog;
  plan_.company.push_back(
      {kind, swap ? y.dog : x.dog, swap ? x.dog : y.dog, at(from), at(to), a.off_leash || b.off_leash});
}

}  // namespace packwalk::town
