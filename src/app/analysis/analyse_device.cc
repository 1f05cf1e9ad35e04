#include "app/analysis/analyse_device.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/analysis/own_rows.h"
#include "app/analysis/pair_rows.h"
#include "app/analysis/row_changes.h"

namespace packwalk {
namespace {

constexpr std::size_t attempts_max = 10;
constexpr std::size_t locked_partners_max = 1000;  // databases support more locks than that
constexpr int windows_apart_max = 2;               // greatest gap between two windows of one turn

Seconds seconds_of(const StaleWindow& first, const StaleWindow& last) {
  return {seconds_since_1970(first.from), seconds_since_1970(last.from + stale_window_length) - 1};
}

/// The first windows of a list, up to the first large gap.
std::vector<StaleWindow> run_of(std::vector<StaleWindow> windows) {
  const auto last = std::adjacent_find(windows.begin(), windows.end(), [](const StaleWindow& a, const StaleWindow& b) {
    return std::chrono::abs(b.from - a.from) > windows_apart_max * stale_window_length;
  });
  if (last != windows.end()) windows.erase(last + 1, windows.end());
  std::sort(windows.begin(), windows.end());
  return windows;
}

/// The window that a packet of the device at `at` marks as stale.
StaleWindow window_at(DeviceNumber device, DeviceTime at) { return stale_window_of({device, Family::track, at}); }

/// Holds the locks of devices.
class LockedDevices {
 public:
  explicit LockedDevices(AnalysisStore& store) : store_(store) {}
  LockedDevices(const LockedDevices&) = delete;
  LockedDevices& operator=(const LockedDevices&) = delete;
  ~LockedDevices() {
    for (const DeviceNumber device : devices_) store_.release(device);
  }

  Result<bool> lock(DeviceNumber device) {
    if (devices_.contains(device)) return true;
    const auto locked = store_.lock(device);
    if (locked && *locked) devices_.insert(device);
    return locked;
  }

 private:
  AnalysisStore& store_;
  std::set<DeviceNumber> devices_;
};

/// One turn at a device. Retries if others interfere.
class Turn {
 public:
  Turn(const DeviceTurn& turn, AnalysisStore& store, const AnalysisRules& rules, const AnalysisSizes& sizes,
       std::vector<StaleWindow>& windows)
      : device_(turn.device), order_(turn.order), store_(store), rules_(rules), sizes_(sizes), windows_(windows) {}

  /// Empty: another process was analysing the device, or one near it.
  Result<std::optional<AnalysisReport>> attempt();

  /// The devices whose rows the last attempt would have changed.
  const std::vector<DeviceNumber>& partners() const { return partners_; }

 private:
  Result<bool> read_own(std::optional<OwnRows>& own);
  Result<bool> put_places(const OwnRows& own, std::span<const PathPoint> path);
  Analysis found(const OwnRows& own, const PairRows& pairs) const;

  const DeviceNumber device_;
  const WindowOrder order_;
  AnalysisStore& store_;
  const AnalysisRules& rules_;
  const AnalysisSizes& sizes_;
  std::vector<StaleWindow>& windows_;
  std::vector<DeviceNumber> partners_;
  Seconds changed_;
  std::int64_t packets_ = 0;
  AnalysedDevice self_;
};

/// False: no window is stale.
Result<bool> Turn::read_own(std::optional<OwnRows>& own) {
  const auto snapshot = store_.snapshot();
  if (!snapshot) return snapshot.failure();
  auto windows = (*snapshot)->stale_windows(device_, order_, sizes_.windows_max);
  if (!windows) return windows.failure();
  windows_ = windows->empty() ? std::vector<StaleWindow>() : run_of(*std::move(windows));
  if (windows_.empty()) return false;
  changed_ = fixes_changed_by(seconds_of(windows_.front(), windows_.back()), rules_.outliers());
  if (auto read = read_into(packets_, (*snapshot)->packets(device_)); !read) return read.failure();
  auto devices = (*snapshot)->devices({&device_, 1});
  if (!devices) return devices.failure();
  self_ = std::move(devices->front());
  if (self_.is_erased) return fail(Errc::overloaded, "the device is being erased");
  own.emplace(device_, changed_, rules_, sizes_);
  if (auto read = own->read(**snapshot); !read) return read.failure();
  return true;
}

/// False: another process was analysing the device.
Result<bool> Turn::put_places(const OwnRows& own, std::span<const PathPoint> path) {
  const auto places = own.places(path);
  if (self_.version != 0 && places.empty()) return true;
  const auto version = store_.put_places(device_, self_.version, places);
  if (!version) return version.failure();
  if (*version) self_.version = **version;
  return version->has_value();
}

Result<std::optional<AnalysisReport>> Turn::attempt() {
  std::optional<OwnRows> own;
  const auto any = read_own(own);
  if (!any) return any.failure();
  if (!*any) return AnalysisReport{};
  const std::vector<PathPoint> path = own->path();
  const auto told = put_places(*own, path);
  if (!told) return told.failure();
  if (!*told) return std::optional<AnalysisReport>();

  PairRows pairs(device_, moved_by(changed_, rules_.walks), rules_, sizes_);
  {
    const auto snapshot = store_.snapshot();
    if (!snapshot) return snapshot.failure();
    if (auto made = pairs.make(**snapshot, self_, path); !made) return made.failure();
  }
  partners_.clear();
  for (const AnalysedDevice& partner : pairs.partners()) partners_.push_back(partner.number);
  const auto finished = store_.finish(found(*own, pairs));
  if (!finished) return finished.failure();
  if (!*finished) return std::optional<AnalysisReport>();
  return AnalysisReport{.windows = windows_.size(), .partners = partners_.size()};
}

Analysis Turn::found(const OwnRows& own, const PairRows& pairs) const {
  Analysis analysis{.device = device_,
                    .rules = text_of(rules_),
                    .versions = {{device_, self_.version}},
                    .packets = packets_,
                    .windows = {},
                    .tracks = own.tracks().tracks(),
                    .activity = own.activity(),
                    .contacts = pairs.contacts(),
                    .walks = pairs.walks(),
                    .track_states = own.tracks().states(),
                    .chain_states = pairs.states(),
                    .marked = {}};
  if (own.tracks().reached_changed() && pairs.reached_moved()) {
    for (const StaleWindow& window : windows_) {
      analysis.windows.push_back({window, own.packets(seconds_of(window, window))});
    }
  }
  if (const auto at = own.tracks().goes_on_at()) analysis.marked.push_back(window_at(device_, *at));
  for (const Second at : pairs.goes_on_at()) analysis.marked.push_back(window_at(device_, device_time(at)));
  std::sort(analysis.marked.begin(), analysis.marked.end());
  analysis.marked.erase(std::unique(analysis.marked.begin(), analysis.marked.end()), analysis.marked.end());
  for (const AnalysedDevice& partner : pairs.partners()) {
    analysis.versions.emplace_back(partner.number, partner.version);
  }
  std::sort(analysis.versions.begin(), analysis.versions.end());
  return analysis;
}

/// Locks the partners, so that no other process analyses them before this turn ends. Another process holds such a lock
/// for one turn, and may try to lock this device: the process with the lower device number proceeds, so one of them
/// does. False: the other process proceeds.
Result<bool> lock_partners(LockedDevices& locked, DeviceNumber device, std::vector<DeviceNumber> partners) {
  std::sort(partners.begin(), partners.end());
  partners.resize(std::min(partners.size(), locked_partners_max));
  for (const DeviceNumber partner : partners) {
    const auto is_ours = locked.lock(partner);
    if (!is_ours) return is_ours.failure();
    if (!*is_ours && partner < device) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<AnalysisReport>> analyse_device(const DeviceTurn& wanted, AnalysisStore& store,
                                                     const AnalysisRules& rules, const AnalysisSizes& sizes,
                                                     std::vector<StaleWindow>* taken) {
  LockedDevices locked(store);
  const auto is_ours = locked.lock(wanted.device);
  if (!is_ours) return is_ours.failure();
  if (!*is_ours) return std::optional<AnalysisReport>();
  std::vector<StaleWindow> windows;
  Turn turn(wanted, store, rules, sizes, taken ? *taken : windows);
  for (std::size_t i = 1; i <= attempts_max; ++i) {
    auto report = turn.attempt();
    if (!report) return report;
    if (*report) {
      (*report)->attempts = i;
      return report;
    }
    const auto alone = lock_partners(locked, wanted.device, turn.partners());
    if (!alone) return alone.failure();
    if (!*alone) return std::optional<AnalysisReport>();
  }
  return fail(Errc::overloaded, "other processes analysed the same devices repeatedly");
}

}  // namespace packwalk
