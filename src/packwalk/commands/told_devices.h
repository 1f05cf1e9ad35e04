// Which animals several files are of.
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

/// How a file was understood.
struct ReadInput {
  std::string path;
  std::string file_device;  // the name of whatever the file itself does not name
  bool is_sleep = false;
  std::size_t bytes = 0;  // as they came, packed or not
  std::string sha256;     // of these; empty unless it was asked for
  replay::Reading reading;
  std::size_t rows = 0;
  std::size_t unreadable = 0;  // of the rows
};

/// Rows of different files are of the same device only where columns, or the operator, name the same one. A file's or
/// track's name is of that file alone. Where other devices have it too:
///   - tracks of a file of which none is at the time of another are walks of one device, named after the file
///   - else each is a device `FILE: TRACK`
///   - a device named after its file has the file's path for a name
class ToldDevices {
 public:
  /// What the file `inputs[input]` tells.
  void add(std::vector<RecordedDevice> devices, const ReadInput& told, std::size_t input);

  /// All, each with a name of its own. `inputs` and `notes` say what is not plain from the files alone.
  std::vector<RecordedDevice> take(std::vector<ReadInput>& inputs, std::vector<std::string>& notes);

 private:
  struct Told {
    RecordedDevice device;
    replay::DeviceFrom from = replay::DeviceFrom::column;
    std::size_t input = 0;  // the first that tells it
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
