// Decides which animals several files belong to.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/walk/path.h"
#include "replay/recording.h"

namespace packwalk {

struct RecordedDevice {
  std::string name;
  std::vector<PathFix> fixes;
  std::vector<DeviceTime> sleeps;
};

/// How one file was read.
struct ReadInput {
  std::string path;
  std::string file_device;  // the name of devices that the file does not name
  bool is_sleep = false;
  std::size_t bytes = 0;  // of the file, gzipped or not
  std::string sha256;     // of these bytes; empty unless requested
  replay::Reading reading;
  std::size_t rows = 0;
  std::size_t unreadable = 0;  // of the rows
};

/// Rows of different files belong to the same device only if columns or the operator name the same one. The name of a
/// file or track is valid in that file only. If other devices have it too:
///   - tracks of a file that never overlap in time are walks of one device, named after the file
///   - otherwise each track is a device `FILE: TRACK`
///   - a device that is named after its file gets the file's path as its name
class ToldDevices {
 public:
  /// The devices of the file `inputs[input]`.
  void add(std::vector<RecordedDevice> devices, const ReadInput& told, std::size_t input);

  /// All devices, with unique names. `inputs` and `notes` receive the decisions that the files do not make obvious.
  std::vector<RecordedDevice> take(std::vector<ReadInput>& inputs, std::vector<std::string>& notes);

 private:
  struct Told {
    RecordedDevice device;
    replay::DeviceFrom from = replay::DeviceFrom::column;
    std::size_t input = 0;  // the first file with it
    std::size_t last_input = 0;

    bool is_of_one_file() const;
  };

  std::unordered_map<std::string, std::size_t> names() const;
  void note_joined(std::vector<std::string>& notes) const;
  void part_tracks(ReadInput& input, std::size_t number);
  void join_tracks(ReadInput& input, std::size_t number);
  bool are_never_at_once(std::size_t input) const;
  void name_by_path(std::vector<ReadInput>& inputs);
  void number_equal();

  std::vector<Told> devices_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace packwalk
