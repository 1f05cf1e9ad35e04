// The fixes in files of recorded tracks, by device, and the counts of their rows.
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

/// Rows that belong to no device.
struct LeftRows {
  std::size_t unreadable = 0;
  std::size_t invalid = 0;           // impossible coordinates or times
  std::size_t conflicting = 0;       // of the same device and second as an earlier row, at quite another position
  std::size_t same_second = 0;       // the same, within 50 m: from a recorder of several fixes per second, or repeated
  std::size_t without_position = 0;  // without a position
  std::size_t not_visible = 0;       // that the recorder marks as not valid
  std::size_t out_of_range = 0;      // outside of the requested range
  std::string example;               // the first of the unreadable rows
  std::string invalid_example;       // the first of the invalid rows

  std::size_t dropped() const { return unreadable + invalid + conflicting; }
};

class RecordedFixes {
 public:
  /// All fixes determine the devices; then fixes outside of `range` are left out.
  RecordedFixes(replay::ReadRules rules, TimeRange range, InputFile::Digest digest)
      : rules_(std::move(rules)), range_(range), digest_(digest) {}

  /// The fixes of `files`, then the sleep samples of `sleeps`. Errc::invalid_input names the file.
  ///
  /// ToldDevices decides to which device a fix belongs. Sleep samples of a file without devices belong to the device
  /// that is named like the file, or to the only device; otherwise Errc::invalid_input.
  Result<void> read(const std::vector<std::string>& files, const std::vector<std::string>& sleeps);

  /// Sorted by the bytes of their names, and each by time. Of several rows with the same second, the first one stays.
  std::vector<RecordedDevice> take();

  const LeftRows& left() const { return left_; }
  std::size_t rows() const { return rows_; }
  /// Files without a fix.
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
