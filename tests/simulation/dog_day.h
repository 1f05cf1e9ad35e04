// A day on which dogs walk, told in few words, and what is derived from it, in plain text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/analysis_store.h"
#include "tests/support/stores.h"

namespace packwalk {

/// Of the registered dogs bella, milo and rex: their numbers are in the opposite order of their ids.
enum class Dog { rex, milo, bella };

/// Seconds since midnight of "9:00" or "9:00:10"; "24:10" is on the next day. Throws for anything else.
int clock(const std::string& text);

/// Packets in the order in which they are sent.
struct Packets {
  struct Each {
    Dog dog{};
    int at = 0;         // since midnight
    int aside_m = 0;    // from the way
    bool walks = true;  // else it lies where the way is at 9:00, and drifts
    Activity activity{};
    int steps = -1;  // not negative: a sample; else a fix
  };
  std::vector<Each> all;

  friend Packets operator+(Packets first, const Packets& second) {
    first.all.insert(first.all.end(), second.all.begin(), second.all.end());
    return first;
  }
};

/// The packets of `from` to `to`, both included: at every `step` seconds, and at the end.
Packets walk(Dog dog, const std::string& from, const std::string& to, int aside_m = 0);
Packets fix(Dog dog, const std::string& at, int aside_m = 0);
/// A collar on a shelf for some hours, a fix in half a minute.
Packets lie(Dog dog, const std::string& from, const std::string& to);
/// A sample a minute, of 100 steps.
Packets samples(Dog dog, const std::string& from, const std::string& to);
Packets sample(Dog dog, const std::string& at, Activity activity, int steps);
Packets backwards(Packets packets);

/// Where and when the dogs walk. The way is straight, all take it at 1 m/s, and at 9:00 they are at `place`.
struct Scene {
  std::int64_t midnight = 1'777'852'800;  // 2026-05-04, UTC
  double latitude = 48.7;
  double longitude = 44.5;
  double bearing = 30;  // degrees from north to east
};

/// Packets come, and each time all that is stale is analysed by the default rules.
class DogDay {
 public:
  explicit DogDay(const StoreAdapter& adapter, const Scene& scene = {});

  /// One batch.
  void arrives(const Packets& packets);

  /// "9:00:00 to 9:40:00, 241 fixes, 2.4 km"
  std::vector<std::string> tracks(Dog dog) const;
  /// "9:00 walk in track: 900 s, 1500 steps"
  std::vector<std::string> activity(Dog dog) const;
  std::vector<ActivitySum> activity_sums(Dog dog) const;
  /// "bella, rex: 9:00:00 to 9:40:00, 2401 s near"
  std::vector<std::string> contacts() const;
  /// "bella, rex: 9:00:00 to 9:40:00, 2400 s in 1 contact, 2401 s near"
  std::vector<std::string> joint_walks() const;

 private:
  Content content_of(const Packets::Each& packet) const;
  std::string period(std::int64_t from, std::int64_t to) const;

  const Scene scene_;
  std::unique_ptr<Installation> installation_;
  std::unique_ptr<IngestStore> ingest_;
  std::unique_ptr<AnalysisStore> store_;
  std::int64_t arrived_ = 0;
};

}  // namespace packwalk
