#include "adapters/journal/leftovers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "adapters/journal/damaged_files.h"

namespace packwalk::journal {
namespace {

constexpr std::size_t told_gaps_max = 10;

struct Read {
  SegmentName name;
  SegmentContents contents;
  std::size_t records = 0;
};

/// Compares the end of this segment with the one that a later segment has recorded: its last records may be lost
/// without a trace.
void compare_with_next(Read& segment, const Read& next) {
  SegmentContents& contents = segment.contents;
  if (next.name.number != segment.name.number + 1 || !next.contents.previous_end) return;
  if (*next.contents.previous_end <= contents.end) return;
  const std::size_t begin = contents.end;
  contents.end = *next.contents.previous_end;
  std::erase_if(contents.gaps, [&](const Gap& gap) { return gap.begin >= begin && gap.end <= contents.end; });
  contents.gaps.push_back({begin, contents.end});
}

std::string describe(const SegmentContents& contents) {
  std::string text;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < contents.gaps.size(); ++i) {
    const Gap& gap = contents.gaps[i];
    bytes += gap.end - gap.begin;
    if (i >= told_gaps_max) continue;
    text +=
        (i == 0 ? "" : ", ") + std::to_string(gap.end - gap.begin) + " bytes at offset " + std::to_string(gap.begin);
  }
  if (contents.gaps.size() > told_gaps_max) {
    text += " and more, " + std::to_string(bytes) + " in " + std::to_string(contents.gaps.size()) + " gaps";
  }
  if (!contents.is_searched) text += ", and the bytes after them, which were not searched to the end";
  return text;
}

/// Returns whether the segment must not be freed, because it could not be moved aside.
bool report_damage(const std::string& folder, const Read& segment, const TellFinding& tell) {
  const std::string path = path_of(folder, segment.name);
  const auto kept = keep_aside(folder, segment.name);
  tell({Severity::fault, "journal",
        path + " is damaged: " + describe(segment.contents) +
            " are unreadable and were skipped. Confirmed packets may " + "be among them. The " +
            std::to_string(segment.records) + " sound records of the file are ingested",
        kept ? "the file is kept as " + *kept + ". Check the disk, then remove that file"
             : "it could not be moved aside (" + kept.error().detail +
                   "), so it stays and is read again at the next start"});
  return !kept;
}

}  // namespace

Result<void> read_leftovers(SegmentFiles& files, const TellFinding& tell,
                            const std::function<bool(const SoundRecord&, SegmentNumber)>& take) {
  const auto names = names_in(files.folder());
  if (!names) return names.failure();
  std::vector<Read> segments;
  for (const SegmentName& name : *names) {
    const auto bytes = read_file(path_of(files.folder(), name));
    if (!bytes && bytes.error().code == Errc::invalid_input) {
      const auto kept = move_aside(files.folder(), name);
      if (!kept) return kept.failure();
      tell({Severity::fault, "journal", bytes.error().detail + ", so nothing was read from it",
            "it is kept as " + *kept + ". Find out where it comes from, and remove it"});
      files.found(name, 0, true);
      continue;
    }
    if (!bytes) return bytes.failure();
    Read segment{name, {}, 0};
    std::vector<Gap> strange;
    segment.contents = read_records(*bytes, name, [&](const SoundRecord& record) {
      if (take(record, name.number)) {
        ++segment.records;
      } else {
        strange.push_back({record.position.offset, record.position.end()});
      }
    });
    std::vector<Gap>& gaps = segment.contents.gaps;
    gaps.insert(gaps.end(), strange.begin(), strange.end());
    segments.push_back(std::move(segment));
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    Read& segment = segments[i];
    const std::size_t end = segment.contents.end;
    if (i + 1 < segments.size()) compare_with_next(segment, segments[i + 1]);
    const bool is_damaged = !segment.contents.gaps.empty() || !segment.contents.is_searched;
    const bool must_stay = is_damaged && report_damage(files.folder(), segment, tell);
    files.found(segment.name, end, must_stay);
  }
  return {};
}

}  // namespace packwalk::journal
