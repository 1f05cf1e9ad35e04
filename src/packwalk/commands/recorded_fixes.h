// What files of recorded tracks tell, device by device, and what was made of their rows.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "packwalk/commands/input_file.h"
#include "packwalk/commands/told_devices.h"
#include "ports/query_store.h"
#include "replay/recording.h"

namespace packwalk {

/// Rows that are in none of the devices.
struct LeftRows {
  std::size_t unreadable = 0;
  std::size_t invalid = 0;           // coordinates or times that there are not
  std::size_t conflicting = 0;       // of the same device and second as an earlier row, at quite another place
  std::size_t same_second = 0;       // the same, within 50 m: from a recorder of several fixes per second, or repeated
  std::size_t without_position = 0;  // in which no place stands
  std::size_t not_visible = 0;       // that the recorder itself does not believe
  std::size_t out_of_range = 0;      // earlier or later than was asked for
  std::string example;               // of what cannot be read

  std::size_t dropped() const { return unreadable + invalid + conflicting; }
};

class RecordedFixes {
 public:
  /// Fixes out of `range` are left out, after all fixes said of which devices they are.
  RecordedFixes(replay::ReadRules rules, TimeRange range, InputFile::Digest digest)
      : rules_(std::move(rules)), range_(range), digest_(digest) {}

  /// The fixes of `files`, then the sleep samples of `sleeps`. Errc::invalid_input names the file.
  ///
  /// Of which devices the fixes are, ToldDevices says. Samples of sleep whose file names no device are of the device
  /// with fixes that is named like that file, or of the only one; else Errc::invalid_input.
  Result<void> read(const std::vector<std::string>& files, const std::vector<std::string>& sleeps);

  /// In the byte order of their names, and each in the order of time. Of equal seconds the first row stays.
  std::vector<RecordedDevice> take();

  const LeftRows& left() const { return left_; }
  std::size_t rows() const { return rows_; }
  /// Files of fixes in which there was none.
  const std::vector<std::string>& files_without_fix() const { return files_without_fix_; }
  const std::vector<ReadInput>& inputs() const { return inputs_; }
  /// Whole sentences about more than one file.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  template <class Take>
  Result<std::vector<RecordedDevice>> read_file(const std::string& path, const replay::ReadRules& rules,
                                                const Take& take);
  Result<void> read_fixes(const std::string& path);
  Result<void> read_sleeps(const std::string& path);
  replay::ReadRules rules_for_sleeps(const std::string& path) const;
  std::string device_of_file(const std::string& path) const;
  bool is_in_range(DeviceTime time) const;
  void cut(RecordedDevice& device);
  void put_in_order(RecordedDevice& device);

  const replay::ReadRules rules_;
  const TimeRange range_;
  const InputFile::Digest digest_;
  std::unordered_map<std::string, std::size_t> files_of_name_;
  ToldDevices told_;
  std::vector<RecordedDevice> devices_;
  std::unordered_map<std::string, std::size_t> index_;  // of devices_ by name
  LeftRows left_;
  std::size_t rows_ = 0;
  std::vector<ReadInput> inputs_;
  std::vector<std::string> files_without_fix_;
  std::vector<std::string> notes_;
};

}  // namespace packwalk
