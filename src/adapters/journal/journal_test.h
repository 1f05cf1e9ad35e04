// A journal in a folder of its own, for tests: put, crash, open again.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/journal/journal_checkup.h"
#include "adapters/journal/journal_packet_queue.h"
#include "base/temporary_folder.h"

namespace packwalk {

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    std::filesystem::create_directory(folder);
    open();
  }

  void open() {
    queue = std::move(open_journal_packet_queue(
                          folder, {1'000'000, 1'000'000'000},
                          [this](Upload& upload) {
                            if (!throws_at.empty() && upload.body == throws_at) throw std::bad_alloc();
                            ++decoded;
                            upload.messages = {{0, upload.body.size(), Heartbeat{"decoded anew"}}};
                          },
                          [this](const Finding& finding) {
                            const std::lock_guard lock(mutex);
                            findings_.push_back(finding);
                          })
                          .value());
  }

  static Upload upload(std::int64_t device, std::string body) {
    return {.device = DeviceNumber{device},
            .received_at = server_time(1000 + device),
            .transport = Transport::overland,
            .body = std::move(body),
            .unreadable = device == 2 ? "is not a gzip stream" : "",
            .messages = {{0, 0, Heartbeat{"as it came"}}}};
  }

  /// Whether it was kept.
  bool try_to_put(Upload one) {
    std::promise<bool> answer;
    if (!queue->put(std::move(one), [&](const Result<void>& kept) { answer.set_value(kept.has_value()); })) {
      return false;
    }
    return answer.get_future().get();
  }

  void put(std::int64_t device, std::string body) { ASSERT_TRUE(try_to_put(upload(device, std::move(body)))); }

  /// As after SIGKILL: the files as they are now. `change` may do to them what a disk does.
  template <class Change>
  void crash_and_open(Change change) {
    const std::string copy = folder + ".copy";
    std::filesystem::copy(folder, copy);
    queue.reset();
    std::filesystem::remove_all(folder);
    std::filesystem::rename(copy, folder);
    change();
    open();
  }
  void crash_and_open() {
    crash_and_open([] {});
  }

  std::vector<std::string> files(const std::string& suffix = "") const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().string().ends_with(suffix)) names.push_back(entry.path().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  static std::string bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  /// Flips a bit in a file, at the first offset where `text` stands.
  static void damage(const std::string& path, const std::string& text) {
    std::string bytes = bytes_of(path);
    const std::size_t at = bytes.find(text);
    ASSERT_NE(std::string::npos, at);
    bytes[at] ^= 1;
    write(path, bytes);
  }

  /// Takes and settles all that waits.
  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    while (queue->depth(server_time(0)).uploads > 0) {
      UploadBatch batch = queue->take(1'000'000);
      for (const Upload& each : batch.uploads) all.push_back(each.body);
      queue->settle(std::move(batch), {});
    }
    return all;
  }

  /// The queue looks into its folder once a second.
  template <class Condition>
  static void wait_until(Condition condition) {
    while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  std::vector<Finding> findings() {
    const std::lock_guard lock(mutex);
    return findings_;
  }

  /// What an examination does not find fine.
  std::vector<Finding> troubles() const {
    auto all = journal::examine_journal(folder);
    std::erase_if(all, [](const Finding& each) { return each.severity == Severity::fine; });
    return all;
  }

  TemporaryFolder temporary;
  const std::string folder = temporary.file("journal");
  std::mutex mutex;
  std::vector<Finding> findings_;  // guarded by mutex
  int decoded = 0;
  std::string throws_at;  // a body that nobody can decode
  std::unique_ptr<PacketQueue> queue;
};

}  // namespace packwalk
