// Bytes that a connection has received and not consumed yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace packwalk {

/// Bytes may be consumed while a read into room() is under way. room() itself may move all bytes.
class InputBuffer {
 public:
  static constexpr std::size_t capacity_min = 4096;

  struct Room {
    char* data = nullptr;
    std::size_t size = 0;
  };

  std::string_view waiting() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool is_full() const { return end_ - begin_ == capacity_; }
  std::size_t capacity() const { return capacity_; }

  /// The capacity() after the next room().
  std::size_t capacity_for_room() const {
    if (end_ - begin_ < capacity_min) return capacity_min;
    return is_full() ? capacity_ * 2 : capacity_;
  }

  /// Frees the unneeded part of a large buffer. Not while a read is under way.
  void fit() {
    if (capacity_ > capacity_min && end_ - begin_ < capacity_min) resize(capacity_min);
  }

  /// The space for the next bytes: at least one byte. Grows if necessary.
  Room room() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (const std::size_t capacity = capacity_for_room(); capacity != capacity_) {
      resize(capacity);
    } else if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {bytes_.get() + end_, capacity_ - end_};
  }

  void commit(std::size_t size) { end_ += size; }
  void consume(std::size_t size) { begin_ += size; }
  void clear() { begin_ = end_; }

 private:
  void resize(std::size_t capacity) {
    std::unique_ptr<char[]> bytes(new char[capacity]);
    if (end_ > begin_) std::memcpy(bytes.get(), bytes_.get() + begin_, end_ - begin_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    end_ -= begin_;
    begin_ = 0;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace packwalk
