#include "transport/http/read_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "api/handler.h"

namespace marconi::transport::http {

namespace {

std::unique_ptr<char[]> allocate(std::size_t capacity) {
  auto memory = std::make_unique_for_overwrite<char[]>(capacity + api::Request::kBodyPadding);
  std::memset(memory.get() + capacity, 0, api::Request::kBodyPadding);
  return memory;
}

}  // namespace

ReadBuffer::ReadBuffer() : memory_(allocate(capacity_)) {}

std::size_t ReadBuffer::capacity_for(std::size_t expected_size) const {
  if (std::max(expected_size, size() + 1) <= capacity_) return capacity_;
  return size() < expected_size ? expected_size : size() + kUsualCapacity;
}

std::span<char> ReadBuffer::room(std::size_t expected_size) {
  if (end_ == capacity_) {
    const bool suffices = expected_size <= capacity_ || size() <= capacity_ / 2;
    if (begin_ > 0 && suffices) {
      resize(capacity_);
    } else {
      resize(std::min(capacity_for(expected_size), std::max(2 * size(), kUsualCapacity)));
    }
  }
  return {memory_.get() + end_, capacity_ - end_};
}

void ReadBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
  if (capacity_ > kUsualCapacity && size() <= kUsualCapacity) resize(kUsualCapacity);
}

void ReadBuffer::erase(std::size_t offset, std::size_t count) {
  char* gap = memory_.get() + begin_ + offset;
  std::memmove(gap, gap + count, size() - offset - count);
  end_ -= count;
}

void ReadBuffer::resize(std::size_t capacity) {
  const std::size_t held = size();
  if (capacity == capacity_) {
    std::memmove(memory_.get(), memory_.get() + begin_, held);
  } else {
    auto memory = allocate(capacity);
    std::memcpy(memory.get(), memory_.get() + begin_, held);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = held;
}

}  // namespace marconi::transport::http
