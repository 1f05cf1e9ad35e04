#include "app/analyse_device.h"

#include <algorithm>
#include <utility>

#include "app/own_rows.h"
#include "app/pair_rows.h"
#include "app/row_changes.h"

namespace packwalk {
namespace {

constexpr std::size_t attempts_max = 10;
constexpr int windows_apart_max = 2;  // of two neighbours in one turn

Seconds seconds_of(const StaleWindow& first, const StaleWindow& last) {
  return {seconds_since_1970(first.from), seconds_since_1970(last.from + stale_window_length) - 1};
}

/// Those of a list that lie close together, from its beginning on.
std::vector<StaleWindow> run_of(std::vector<StaleWindow> windows) {
  const auto last = std::adjacent_find(windows.begin(), windows.end(), [](const StaleWindow& a, const StaleWindow& b) {
    return std::chrono::abs(b.from - a.from) > windows_apart_max * stale_window_length;
  });
  if (last != windows.end()) windows.erase(last + 1, windows.end());
  std::sort(windows.begin(), windows.end());
  return windows;
}

/// One attempt. Nothing: somebody else was at the device, or at one beside it.
Result<std::optional<AnalysisReport>> attempt(DeviceNumber device, WindowOrder order, AnalysisStore& store,
                                              const AnalysisRules& rules) {
  auto picture = store.picture();
  if (!picture) return tl::unexpected(std::move(picture.error()));
  auto windows = (*picture)->stale_windows(device, order, turn_windows_max);
  if (!windows) return tl::unexpected(std::move(windows.error()));
  if (windows->empty()) return AnalysisReport{};
  windows = run_of(*std::move(windows));
  const Seconds changed = seconds_of(windows->front(), windows->back());
  const auto packets = (*picture)->packets(device);
  if (!packets) return tl::unexpected(packets.error());
  auto devices = (*picture)->devices({&device, 1});
  if (!devices) return tl::unexpected(std::move(devices.error()));
  AnalysedDevice self = std::move(devices->front());
  if (self.is_erased) return fail(Errc::overloaded, "the device is being erased");
  OwnRows own(device, changed, rules);
  if (auto read = own.read(**picture); !read) return tl::unexpected(std::move(read.error()));
  picture->reset();

  const std::vector<PathPoint> path = own.path();
  if (const auto places = own.places(path); self.version == 0 || !places.empty()) {
    const auto version = store.put_places(device, self.version, places);
    if (!version) return tl::unexpected(version.error());
    if (!*version) return std::optional<AnalysisReport>();
    self.version = **version;
  }

  PairRows pairs(device, moved_by(changed, rules.walks), rules);
  picture = store.picture();
  if (!picture) return tl::unexpected(std::move(picture.error()));
  if (auto made = pairs.make(**picture, self, path); !made) return tl::unexpected(std::move(made.error()));
  picture->reset();

  Analysis analysis{.device = device,
                    .rules = text_of(rules),
                    .versions = {{device, self.version}},
                    .packets = *packets,
                    .windows = {},
                    .tracks = own.tracks(),
                    .activity = own.activity(),
                    .contacts = pairs.contacts(),
                    .walks = pairs.walks()};
  for (const StaleWindow& window : *windows) {
    analysis.windows.push_back({window, own.packets(seconds_of(window, window))});
  }
  for (const AnalysedDevice& partner : pairs.partners()) {
    analysis.versions.emplace_back(partner.number, partner.version);
  }
  std::sort(analysis.versions.begin(), analysis.versions.end());
  const auto finished = store.finish(analysis);
  if (!finished) return tl::unexpected(finished.error());
  if (!*finished) return std::optional<AnalysisReport>();
  return AnalysisReport{.windows = windows->size(), .partners = pairs.partners().size()};
}

/// Held as long as it lives.
class ClaimedDevice {
 public:
  ClaimedDevice(AnalysisStore& store, DeviceNumber device) : store_(store), device_(device) {}
  ClaimedDevice(const ClaimedDevice&) = delete;
  ClaimedDevice& operator=(const ClaimedDevice&) = delete;
  ~ClaimedDevice() { store_.release(device_); }

 private:
  AnalysisStore& store_;
  const DeviceNumber device_;
};

}  // namespace

Result<std::optional<AnalysisReport>> analyse_device(DeviceNumber device, WindowOrder order, AnalysisStore& store,
                                                     const AnalysisRules& rules) {
  const auto claimed = store.claim(device);
  if (!claimed) return tl::unexpected(claimed.error());
  if (!*claimed) return std::optional<AnalysisReport>();
  const ClaimedDevice held(store, device);
  for (std::size_t i = 1; i <= attempts_max; ++i) {
    auto report = attempt(device, order, store, rules);
    if (!report) return report;
    if (*report) {
      (*report)->attempts = i;
      return report;
    }
  }
  return fail(Errc::overloaded, "others analysed the same devices again and again");
}

}  // namespace packwalk
