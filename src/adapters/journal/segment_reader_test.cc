// Whatever happens to a file of the journal: what is sound in it comes back, in order, once, and nothing else does.
#include "adapters/journal/segment_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <set>

#include "core/packet/upload_record.h"

namespace packwalk::journal {
namespace {

const SegmentName with_seed{7, 0x0123456789abcdefU};
const SegmentName first_format{7, std::nullopt};

/// A file with some records, and where each stands.
struct File {
  SegmentName name;
  std::string bytes;
  std::vector<std::string> payloads;
  std::vector<Gap> records;
};

File file_of(const SegmentName& name, const std::vector<std::string>& bodies, std::size_t size) {
  File file{name, name.seed ? beginning_of(name, 5) : "", {}, {}};
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const Upload upload{.device = DeviceNumber{static_cast<std::int64_t>(i) + 1},
                        .received_at = server_time(1'000'000 + static_cast<std::int64_t>(i)),
                        .transport = Transport::http_json,
                        .body = bodies[i]};
    file.payloads.push_back(record_of(upload));
    const std::size_t begin = file.bytes.size();
    append_record(file.bytes, file.payloads.back(), name, {.offset = begin, .previous_end = 5});
    file.records.push_back({begin, file.bytes.size()});
  }
  file.bytes.resize(std::max(size, file.bytes.size()));
  return file;
}

struct Found {
  std::vector<std::string> payloads;
  SegmentContents contents;
};

Found found_in(const std::string& bytes, const SegmentName& name) {
  Found found;
  found.contents =
      read_records({bytes, {}}, name, [&](const SoundRecord& record) { found.payloads.emplace_back(record.payload); });
  return found;
}

bool changed_in(const std::set<std::size_t>& changed, const Gap& record, std::size_t size) {
  const auto first = changed.lower_bound(record.begin);
  return (first != changed.end() && *first < record.end) || record.end > size;
}

/// `changed`: bytes that are not as they were.
void expect_all_sound(const File& file, const std::string& bytes, const std::set<std::size_t>& changed,
                      const std::string& what) {
  std::vector<std::string> sound;
  bool damage_before_the_last = false;
  bool damaged = false;
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    if (changed_in(changed, file.records[i], bytes.size())) {
      damaged = true;
      continue;
    }
    sound.push_back(file.payloads[i]);
    damage_before_the_last = damaged;
  }
  const Found found = found_in(bytes, file.name);
  ASSERT_EQ(sound, found.payloads) << what;
  const bool beginning_is_sound = file.name.seed && !changed_in(changed, {0, beginning_size()}, bytes.size());
  const bool has_bytes = bytes.find_first_not_of('\0') != std::string::npos;
  const bool is_named = sound.empty() ? !beginning_is_sound && has_bytes
                                      : damage_before_the_last || (file.name.seed && !beginning_is_sound);
  ASSERT_EQ(is_named, !found.contents.gaps.empty())
      << what << ": named if something sound is behind, or nothing is sound";
}

class EveryFormat : public testing::TestWithParam<SegmentName> {};

TEST_P(EveryFormat, LosesOneRecordAndNoOtherByAnyBitOfAnyByte) {
  const File file = file_of(GetParam(), {"first", "", std::string(40, 'x'), "fourth", "last"}, 400);
  for (std::size_t at = 0; at < file.bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bytes = file.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ (1U << bit));
      expect_all_sound(file, bytes, {at}, "bit " + std::to_string(bit) + " of byte " + std::to_string(at));
    }
  }
}

TEST_P(EveryFormat, FindsSoundRecordsBetweenManyDamagedParts) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> bodies(1 + below(8));
    for (std::string& body : bodies) {
      body.resize(below(200));
      for (char& byte : body) byte = static_cast<char>(random());
    }
    const File file = file_of(GetParam(), bodies, 2048);
    std::string bytes = file.bytes;
    for (std::size_t i = below(5); i > 0; --i) bytes[below(bytes.size())] = static_cast<char>(random());
    if (below(3) == 0) {  // a block of zeros
      const std::size_t begin = below(bytes.size());
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), std::min(below(300), bytes.size() - begin), '\0');
    }
    if (below(5) == 0) bytes.resize(below(bytes.size()));
    std::set<std::size_t> changed;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      if (bytes[at] != file.bytes[at]) changed.insert(at);
    }
    expect_all_sound(file, bytes, changed, "round " + std::to_string(round));
  }
}

TEST_P(EveryFormat, BelievesNoSizeThatPointsAnywhere) {
  const File file = file_of(GetParam(), {"first", "second", "third"}, 1024);
  const std::size_t size_at = file.records[1].begin + (GetParam().seed ? 4 : 0);
  for (const std::uint32_t size : {0U, 1U, 20U, 900U, 1024U, 0x7fffffffU, 0xffffffffU}) {
    std::string bytes = file.bytes;
    for (unsigned i = 0; i < 4; ++i) bytes[size_at + i] = static_cast<char>((size >> (8 * i)) & 0xff);
    expect_all_sound(file, bytes, {size_at}, "size " + std::to_string(size));
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat, testing::Values(with_seed, first_format),
                         [](const auto& each) { return std::string(each.param.seed ? "withSeed" : "firstFormat"); });

/// What a file may be like whose used part was damaged from its beginning on.
std::string ruined(const File& file, std::mt19937& random, int how) {
  const std::size_t used = file.records.back().end;
  std::string bytes = file.bytes;
  switch (how) {
    case 0:  // shifted by some bytes
      return std::string(1 + random() % 9, static_cast<char>(random())) + bytes;
    case 1:
      return bytes.substr(1 + random() % 9);
    case 2:
      std::fill_n(bytes.begin(), used, '\xff');
      return bytes;
    default:  // also beyond the last sound record
      for (std::size_t at = 0; at < std::min(bytes.size(), used + random() % 100); ++at) {
        bytes[at] = static_cast<char>(random());
      }
      return bytes;
  }
}

TEST(SegmentReader, NamesAFileInWhichNothingIsSound) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> bodies(1 + random() % 5);
    for (std::string& body : bodies) body = std::string(random() % 100, 'x');
    const File file = file_of(with_seed, bodies, 2048);
    const Found found = found_in(ruined(file, random, round % 4), with_seed);
    EXPECT_TRUE(found.payloads.empty());
    ASSERT_FALSE(found.contents.gaps.empty()) << "round " << round;
    EXPECT_EQ(0U, found.contents.gaps[0].begin);
  }
}

TEST(SegmentReader, IsSilentAboutZerosTornFirstRecordsAndWhatALifeBeforeLeft) {
  EXPECT_TRUE(found_in(std::string(1024, '\0'), with_seed).contents.gaps.empty());
  std::mt19937 random(1);
  const File before = file_of(SegmentName{6, 99}, {std::string(300, 'a'), std::string(300, 'b')}, 2048);
  for (int round = 0; round < 500; ++round) {
    File file = file_of(with_seed, {std::string(200, 'x')}, 0);
    std::string bytes = before.bytes;
    const std::size_t torn = beginning_size() + random() % (file.bytes.size() - beginning_size());
    bytes.replace(0, torn, file.bytes, 0, torn);
    const Found found = found_in(bytes, with_seed);
    EXPECT_TRUE(found.payloads.empty());
    ASSERT_TRUE(found.contents.gaps.empty()) << "torn at " << torn;
    EXPECT_EQ(5U, found.contents.previous_end);
  }
}

TEST(SegmentReader, TakesNothingThatASenderImitates) {
  // All that somebody may know: the format, the number of the segment, the offset. Not the seed.
  std::string imitated;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    append_record(imitated, "forged", SegmentName{7, seed}, {.offset = 41 + imitated.size(), .previous_end = 5});
  }
  File file = file_of(with_seed, {imitated, "behind"}, 8192);
  file.bytes[file.records[0].begin] ^= 1;  // so that it is searched
  EXPECT_EQ((std::vector<std::string>{file.payloads[1]}), found_in(file.bytes, with_seed).payloads);
}

TEST(SegmentReader, IgnoresRecordsOfAnotherNameOrOffset) {
  const File file = file_of(with_seed, {"first", "second"}, 0);
  EXPECT_TRUE(found_in(file.bytes, SegmentName{7, 1}).payloads.empty());
  EXPECT_TRUE(found_in(std::string(64, '\0') + file.bytes, with_seed).payloads.empty());
  EXPECT_EQ(2U, found_in(file.bytes, with_seed).payloads.size());
}

TEST(SegmentReader, DoesNotTrustTheFirstFormatBehindADamagedPart) {
  File file = file_of(first_format, {"first", "second", "third"}, 1024);
  file.bytes[file.records[1].begin + 20] ^= 1;
  std::vector<bool> certain;
  static_cast<void>(read_records({file.bytes, {}}, first_format,
                                 [&](const SoundRecord& record) { certain.push_back(record.is_certain); }));
  EXPECT_EQ((std::vector<bool>{true, false}), certain);
}

TEST(SegmentReader, TakesNothingOfASpareOfTheFirstFormat) {
  File file = file_of(first_format, {"first", "second"}, 1024);
  std::fill_n(file.bytes.begin(), 12, '\0');
  const Found found = found_in(file.bytes, first_format);
  EXPECT_TRUE(found.payloads.empty());
  EXPECT_TRUE(found.contents.gaps.empty());
}

TEST(SegmentReader, SearchesAFileOfTheFirstFormatForNoLongerThanItsBoundHoweverManySizesAreMadeUp) {
  // Each eighth byte begins what looks like an upload of nearly the whole file: hashed one by one, terabytes.
  std::string bytes;
  const std::size_t size = std::size_t{4} * 1024 * 1024;
  while (bytes.size() < size) bytes.append("\x01\x01\x01\0\x01\x01\x01\0", 8);
  const Found found = found_in(bytes, first_format);
  EXPECT_TRUE(found.payloads.empty());
}

TEST(SegmentReader, ReadsPastBlocksThatTheDiskDoesNotGive) {
  std::vector<std::string> bodies(6, std::string(3000, 'x'));
  const File file = file_of(with_seed, bodies, std::size_t{600} * 1024);
  const auto read_at = [&](char* to, std::size_t size, std::size_t offset) -> ssize_t {
    if (offset < 12288 && offset + size > 8192) {  // the third page of 4 KiB
      errno = EIO;
      return -1;
    }
    return static_cast<ssize_t>(file.bytes.copy(to, size, offset));
  };
  const FileBytes bytes = read_bytes(file.bytes.size(), read_at);
  ASSERT_EQ(1U, bytes.unreadable.size());
  EXPECT_EQ(8192U, bytes.unreadable[0].begin);
  EXPECT_EQ(12288U, bytes.unreadable[0].end);
  std::size_t sound = 0;
  const auto contents = read_records(bytes, with_seed, [&](const SoundRecord&) { ++sound; });
  EXPECT_EQ(3U, sound);
  EXPECT_EQ(1U, contents.gaps.size());
}

TEST(SegmentReader, SaysWhatIsUnreadableBehindTheLastRecord) {
  const File file = file_of(with_seed, {"first"}, 20'000);
  const FileBytes bytes{file.bytes, {{8192, 12288}}};
  const auto contents = read_records(bytes, with_seed, [](const SoundRecord&) {});
  ASSERT_EQ(1U, contents.gaps.size());
  EXPECT_EQ(8192U, contents.gaps[0].begin);
}

}  // namespace
}  // namespace packwalk::journal
