// The memory that a connection reads requests into.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace marconi::transport::http {

/// One piece of memory, filled at its end and used up from its front.
///
/// It starts at 16 KiB, so that a usual request arrives in one read, grows while a large body is
/// arriving (never ahead of what has arrived by more than a factor of two) and shrinks back once
/// what is left fits again. At least kBodyPadding readable bytes follow whatever it holds.
class ReadBuffer {
 public:
  static constexpr std::size_t kUsualCapacity = 16 * 1024;

  ReadBuffer();

  /// What has been read and not used up.
  [[nodiscard]] std::string_view view() const { return {memory_.get() + begin_, size()}; }
  [[nodiscard]] std::span<char> bytes() { return {memory_.get() + begin_, size()}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  /// The bytes it takes, held or not.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// The most that `capacity()` may come to, if `room(expected_size)` is called until `size()` has
  /// got there; with 0, if it is called once.
  [[nodiscard]] std::size_t capacity_for(std::size_t expected_size) const;

  /// Room for the next read, never empty. Makes some if there is none, and may move what is held
  /// to do so. `expected_size`: what `size()` is going to be at the end; 0: nobody knows.
  std::span<char> room(std::size_t expected_size);

  /// Takes over `count` bytes written to the start of `room`.
  void grow(std::size_t count) { end_ += count; }

  /// Drops bytes from the front.
  void consume(std::size_t count);

  /// Drops `count` bytes at `offset` from the front, closing the gap.
  void erase(std::size_t offset, std::size_t count);

 private:
  void resize(std::size_t capacity);

  std::size_t capacity_ = kUsualCapacity;  // without the padding
  std::unique_ptr<char[]> memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace marconi::transport::http
