// What files of recorded tracks tell, device by device, and what was made of their rows.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "core/walk/path.h"
#include "replay/recording.h"

namespace packwalk {

struct RecordedDevice {
  std::string name;
  std::vector<PathFix> fixes;      // in order, no second twice
  std::vector<DeviceTime> sleeps;  // in order
};

/// Rows that are in none of the devices.
struct LeftRows {
  std::size_t unreadable = 0;
  std::size_t invalid = 0;           // coordinates or times that there are not
  std::size_t conflicting = 0;       // of the same device and second as an earlier row, at quite another place
  std::size_t same_second = 0;       // the same, within 50 m: a recorder with several fixes a second, or a repeat
  std::size_t without_position = 0;  // in which no place stands
  std::size_t not_visible = 0;       // that the recorder itself does not believe
  std::string example;               // of what cannot be read

  std::size_t dropped() const { return unreadable + invalid + conflicting; }
};

class RecordedFixes {
 public:
  /// `files`: all that will be read, for their names, which tell devices where nothing else does.
  RecordedFixes(replay::ReadRules rules, const std::vector<std::string>& files);

  Result<void> read_fixes(const std::string& path);
  Result<void> read_sleeps(const std::string& path);

  /// In the byte order of their names. Of equal seconds the first row stays.
  std::vector<RecordedDevice> take();

  const LeftRows& left() const { return left_; }
  std::size_t rows() const { return rows_; }
  /// How each file was understood, a line each, and what the readers warn of; the first of many.
  const std::vector<std::string>& readings() const { return readings_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  template <class Take>
  Result<void> read(const std::string& path, bool only_sleep, const Take& take);
  std::string device_of_file(const std::string& path) const;
  void note(const std::string& path, const replay::Reading& reading);
  RecordedDevice& device_of(std::string_view name);
  void put_in_order(RecordedDevice& device);

  const replay::ReadRules rules_;
  std::unordered_map<std::string, std::size_t> files_of_name_;
  std::vector<RecordedDevice> devices_;
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t last_ = 0;  // neighbouring rows are mostly of one device
  LeftRows left_;
  std::size_t rows_ = 0;
  std::vector<std::string> readings_;
  std::vector<std::string> warnings_;
};

}  // namespace packwalk
