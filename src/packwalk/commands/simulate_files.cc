#include "packwalk/commands/simulate_files.h"

#include <optional>
#include <string>
#include <vector>

#include "packwalk/commands/sheet.h"
#include "town/town_text.h"

namespace packwalk {
namespace {

Result<void> prepare(const std::filesystem::path& folder, const std::vector<const char*>& names, bool overwrite) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::unavailable, "cannot create " + folder.string() + ": " + error.message());
  for (const char* name : names) {
    if (!overwrite && std::filesystem::exists(folder / name, error)) {
      return fail(Errc::conflict, (folder / name).string() + " exists already (--force overwrites it)");
    }
  }
  return {};
}

Result<std::uint64_t> write_truth_file(const town::Town& town, const std::filesystem::path& folder) {
  const auto walks = town::truth(town);
  Sheet sheet(folder / "truth.csv", "");
  sheet.text = town::truth_csv(town, walks);
  if (auto closed = sheet.close(); !closed) return closed.failure();
  return walks.size();
}

}  // namespace

Result<std::uint64_t> write_truth(const town::Town& town, const std::filesystem::path& folder, bool overwrite) {
  if (auto prepared = prepare(folder, {"truth.csv"}, overwrite); !prepared) return prepared.failure();
  return write_truth_file(town, folder);
}

Result<SimulatedFiles> write_simulation(const town::Town& town, const SimulationOutput& output,
                                        const Progress& progress) {
  const std::filesystem::path& folder = output.folder;
  std::vector<const char*> names = {"fixes.csv", "activity.csv", "truth.csv"};
  if (output.uploads) names.push_back("uploads.ndjson");
  const auto prepared = prepare(folder, names, output.overwrite);
  if (!prepared) return prepared.failure();
  std::vector<std::string> ids;
  for (town::DogIndex i = 0; i < town.dogs(); ++i) ids.push_back(town.device_id(i));
  Sheet fixes(folder / "fixes.csv", town::fixes_header);
  Sheet activity(folder / "activity.csv", town::activity_header);
  std::optional<Sheet> uploads;
  if (output.uploads) uploads.emplace(folder / "uploads.ndjson", "");
  SimulatedFiles count;
  town::TownStream stream(town);
  town::TownMinutes minutes;
  while (stream.next(minutes)) {
    for (const town::MadePacket& one : minutes.made) {
      const auto* track = std::get_if<TrackPacket>(&one.packet);
      if (track != nullptr) {
        town::append_csv(fixes.text, ids[one.dog], *track);
      } else {
        town::append_csv(activity.text, ids[one.dog], std::get<ActivityPacket>(one.packet));
      }
      ++(track != nullptr ? count.fixes : count.activities);
    }
    for (const town::Upload& upload : minutes.uploads) {
      count.sent += upload.packets.size();
      if (!uploads) continue;
      town::append_ndjson(uploads->text, ids[upload.dog], upload);
      uploads->flush_if_large();
    }
    fixes.flush_if_large();
    activity.flush_if_large();
    const auto done = (minutes.until - town.options().start).count();
    if (progress) progress(std::min(1.0, static_cast<double>(done) / static_cast<double>(town.options().seconds)));
  }
  for (Sheet* sheet : {&fixes, &activity, uploads ? &*uploads : nullptr}) {
    if (!sheet) continue;
    if (auto closed = sheet->close(); !closed) return closed.failure();
  }
  const auto walks = write_truth_file(town, folder);
  if (!walks) return walks.failure();
  count.walks = *walks;
  return count;
}

}  // namespace packwalk
