// Draws the events of a day: walks alone and in company, chats, and strangers who go the same way.
#include <algorithm>
#include <array>

#include "town/day_book.h"

namespace packwalk::town {
namespace {

constexpr std::size_t attempts_an_outing = 6;  // some events find their dogs busy and fall away
constexpr double follower_share = 0.2;         // of the walks in company on the leash

// A walk that follows its nose, and which corner it reaches when.
struct Stroll {
  TimedPath path;
  std::vector<Corner> corners;
  std::vector<double> reached;
};

class Planner {
 public:
  Planner(const Town& town, std::int64_t day) : town_(town), day_(day), book_(town, day) {}

  DayPlan run() {
    const double wanted = town_.options().walks_a_day * static_cast<double>(town_.dogs());
    const auto attempts = static_cast<std::uint64_t>(wanted) * attempts_an_outing;
    for (std::uint64_t i = 0; i < attempts && static_cast<double>(book_.outings()) < wanted; ++i) {
      Random random(town_.options().seed, Purpose::plan, {static_cast<std::uint64_t>(day_), i});
      event(random);
    }
    return std::move(book_).closed();
  }

 private:
  void event(Random& random);
  double start_of_event(Random& random) const;
  void walk(DogIndex leader, double start, std::size_t size, Random& random);
  void walk_twice(DogIndex leader, double start, Random& random);
  void chat(DogIndex leader, double start, Random& random);
  void follow(DogIndex leader, double start, Random& random);

  Stroll stroll(Corner from, double start, double seconds, Random& random) const;
  Corner meeting_point(DogIndex leader, Random& random) const {
    return town_.streets().near(town_.dog(leader).home.corner, 3, random);
  }
  std::vector<DogIndex> party(DogIndex leader, std::size_t size, Random& random) const;
  std::vector<Guest> invite(const std::vector<DogIndex>& dogs, const Stroll& led, bool off_leash, Random& random);
  void add_follower(const Stroll& led, const std::vector<Guest>& leaders, Random& random);
  bool off_leash(Random& random) const { return random.chance(town_.options().off_leash_share); }
  void note_pairs(CompanyKind kind, const std::vector<Guest>& guests, std::size_t appointment) {
    for (auto x = guests.begin(); x != guests.end(); ++x) {
      for (auto y = x + 1; y != guests.end(); ++y) book_.note(kind, *x, *y, appointment);
    }
  }

  const Town& town_;
  std::int64_t day_;
  DayBook book_;
};

double Planner::start_of_event(Random& random) const {
  // How many start in each hour after 3 in the morning.
  constexpr std::array<double, 24> weights{0.1, 0.3, 1, 3, 5, 5, 3, 2, 2, 2.5, 2.5, 2,
                                           2,   3,   5, 6, 6, 4, 3, 2, 1, 0.4, 0.1, 0.1};
  if (!town_.options().night) return random.uniform(0, 86'400);
  double total = 0;
  for (const double weight : weights) total += weight;
  double drawn = random.uniform(0, total);
  std::size_t hour = 0;
  while (hour + 1 < weights.size() && drawn >= weights[hour]) drawn -= weights[hour++];
  return (static_cast<double>(hour) + std::min(drawn / weights[hour], 1.0)) * 3600;
}

void Planner::event(Random& random) {
  const auto leader = static_cast<DogIndex>(random.whole(0, static_cast<std::int64_t>(town_.dogs()) - 1));
  const double start = start_of_event(random);
  const double kind = random.uniform();
  const double sizes = random.uniform();
  if (kind < 0.40) {
    walk(leader, start, sizes < 0.6 ? 2 : sizes < 0.84 ? 3 : sizes < 0.94 ? 4 : 5, random);
  } else if (kind < 0.50) {
    walk_twice(leader, start, random);
  } else if (kind < 0.62) {
    chat(leader, start, random);
  } else if (kind < 0.74) {
    follow(leader, start, random);
  } else {
    walk(leader, start, 1, random);
  }
}

Stroll Planner::stroll(Corner from, double start, double seconds, Random& random) const {
  const Streets& streets = town_.streets();
  const double pace = random.uniform(1.0, 1.45);
  Stroll made{TimedPath(start, streets.at(from)), {from}, {start}};
  Corner before = from;
  while (made.path.end() < start + seconds) {
    const Corner next = streets.onward(before, made.corners.back(), random);
    before = made.corners.back();
    made.path.walk_to(streets.at(next), pace * random.uniform(0.9, 1.1));
    made.corners.push_back(next);
    made.reached.push_back(made.path.end());
    if (random.chance(0.12)) made.path.wait(random.uniform(10, 90));
  }
  return made;
}

// The leader and friends of its choice.
std::vector<DogIndex> Planner::party(DogIndex leader, std::size_t size, Random& random) const {
  std::vector<DogIndex> friends = town_.dog(leader).friends;
  std::vector<DogIndex> chosen{leader};
  while (chosen.size() < size && !friends.empty()) {
    const auto drawn = random.whole(0, static_cast<std::int64_t>(friends.size()) - 1);
    chosen.push_back(friends[static_cast<std::size_t>(drawn)]);
    friends.erase(friends.begin() + drawn);
  }
  return chosen;
}

// They come to the start one by one and part at the end one by one; of three or more, some join late or leave early.
std::vector<Guest> Planner::invite(const std::vector<DogIndex>& dogs, const Stroll& led, bool off_leash,
                                   Random& random) {
  const std::uint32_t path = book_.keep(led.path);
  std::vector<Guest> guests;
  double leave = led.path.end();
  for (std::size_t i = 0; i < dogs.size(); ++i) {
    const double arrive = led.path.begin() - random.uniform(0, 100);
    Appointment one{path,     led.corners.front(), led.corners.back(), arrive, arrive, led.path.begin(), leave, 0,
                    off_leash};
    leave += random.uniform(25, 60);
    const auto corner_at = [&](double share) {
      return static_cast<std::size_t>(share * static_cast<double>(led.corners.size() - 1));
    };
    if (i >= 2 && random.chance(0.3)) {
      const std::size_t late = corner_at(random.uniform(0.1, 0.4));
      one.at = led.corners[late];
      one.join = one.since = led.reached[late];
      one.arrive = one.join - random.uniform(5, 60);
    }
    if (i >= 2 && random.chance(0.3)) {
      const std::size_t early = corner_at(random.uniform(0.6, 0.95));
      one.until = led.corners[early];
      one.leave = led.reached[early];
    }
    guests.push_back({dogs[i], {one}});
  }
  return guests;
}

// One who keeps his distance: from a corner in the first third of the way to one near its end.
void Planner::add_follower(const Stroll& led, const std::vector<Guest>& leaders, Random& random) {
  std::vector<DogIndex> strangers = town_.dog(leaders.front().dog).strangers;
  std::erase_if(strangers, [&](DogIndex dog) {
    return std::any_of(leaders.begin(), leaders.end(), [&](const Guest& guest) { return guest.dog == dog; });
  });
  const auto last = static_cast<std::int64_t>(led.corners.size()) - 2;
  if (strangers.empty() || last < 3) return;
  constexpr double behind = 20;
  const auto from = static_cast<std::size_t>(random.whole(1, std::max<std::int64_t>(1, last / 3)));
  const auto to = static_cast<std::size_t>(random.whole(last - last / 4, last));
  Appointment one;
  one.path = leaders.front().appointments.front().path;
  one.at = led.corners[from];
  one.until = led.corners[to];
  one.join = one.since = led.path.time_when(led.path.walked_at(led.reached[from]) + behind);
  one.leave = led.path.time_when(led.path.walked_at(led.reached[to]) + behind);
  one.arrive = led.reached[from] - random.uniform(5, 60);
  one.behind = behind;
  const Guest follower{
      strangers[static_cast<std::size_t>(random.whole(0, static_cast<std::int64_t>(strangers.size()) - 1))], {one}};
  if (book_.send_out({follower}, 1, random).empty()) return;
  for (const Guest& leader : leaders) book_.note(CompanyKind::follow, leader, follower, 0);
}

void Planner::walk(DogIndex leader, double start, std::size_t size, Random& random) {
  const Stroll led = stroll(meeting_point(leader, random), start, random.uniform(12, 43) * 60, random);
  const bool loose = off_leash(random);
  const auto gone =
      book_.send_out(invite(party(leader, size, random), led, loose, random), std::min<std::size_t>(size, 2), random);
  note_pairs(CompanyKind::walk, gone, 0);
  if (gone.size() >= 2 && !loose && random.chance(follower_share)) add_follower(led, gone, random);
}

// A pair that walks, parts for 13 to 25 minutes and meets again before it goes home.
void Planner::walk_twice(DogIndex leader, double start, Random& random) {
  const Stroll first = stroll(meeting_point(leader, random), start, random.uniform(12, 22) * 60, random);
  const double again = first.path.end() + random.uniform(15, 25) * 60;
  const Corner place = town_.streets().near(first.corners.back(), 2, random);
  const Stroll second = stroll(place, again, random.uniform(12, 22) * 60, random);
  const bool loose = off_leash(random);
  const auto dogs = party(leader, 2, random);
  std::vector<Guest> guests = invite(dogs, first, loose, random);
  const std::vector<Guest> later = invite(dogs, second, loose, random);
  for (std::size_t i = 0; i < guests.size(); ++i) guests[i].appointments.push_back(later[i].appointments.front());
  const auto gone = book_.send_out(guests, 2, random);
  note_pairs(CompanyKind::walk, gone, 0);
  note_pairs(CompanyKind::walk, gone, 1);
}

void Planner::chat(DogIndex leader, double start, Random& random) {
  const Stroll led = stroll(meeting_point(leader, random), start, random.uniform(1, 3.5) * 60, random);
  const bool loose = off_leash(random);
  note_pairs(CompanyKind::chat, book_.send_out(invite(party(leader, 2, random), led, loose, random), 2, random), 0);
}

// A dog that others follow walks alone, on the leash.
void Planner::follow(DogIndex leader, double start, Random& random) {
  const Stroll led = stroll(meeting_point(leader, random), start, random.uniform(14, 43) * 60, random);
  const auto gone = book_.send_out(invite({leader}, led, false, random), 1, random);
  if (!gone.empty()) add_follower(led, gone, random);
}

// The first collar of each two lies where its dog lives, the second beside it.
DayPlan plan_day_on_shelves(const Town& town, std::int64_t day) {
  constexpr EastNorth beside{0.3, 0};
  DayPlan plan;
  plan.begin = town.begin_of(day);
  const DeviceTime end = plan.begin + std::chrono::days(1) - std::chrono::seconds(1);
  for (DogIndex dog = 0; dog < town.dogs(); ++dog) {
    const EastNorth place = dog % 2 == 0 ? town.dog(dog).home.door : town.dog(dog - 1).home.door + beside;
    plan.paths.emplace_back(0, place);
    plan.outings.push_back({{plan.begin, end, {{.to = 86'400, .path = dog, .lies = true}}}});
  }
  return plan;
}

}  // namespace

DayPlan plan_day(const Town& town, std::int64_t day) {
  return town.options().shelf ? plan_day_on_shelves(town, day) : Planner(town, day).run();
}

}  // namespace packwalk::town
