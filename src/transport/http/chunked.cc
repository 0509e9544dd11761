#include "transport/http/chunked.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "transport/http/characters.h"

namespace marconi::transport::http {

namespace {

constexpr std::size_t kMaxSizeLine = 256;
constexpr std::size_t kMaxSizeDigits = 15;
constexpr std::size_t kMaxTrailer = 4096;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::expected<ChunkedDecoder::Step, Refusal> ChunkedDecoder::decode(std::span<char> input) {
  Step step;
  while (state_ != State::done && state_ != State::too_large) {
    const std::span<char> rest = input.subspan(step.consumed);
    if (state_ == State::data) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      if (size == 0) break;
      std::memmove(input.data() + step.decoded, rest.data(), size);
      step.decoded += size;
      step.consumed += size;
      left_ -= size;
      if (left_ == 0) state_ = State::data_end;
      continue;
    }
    // All else comes in lines that end in CRLF.
    const std::size_t max_line = state_ == State::data_end ? 2 : kMaxSizeLine;
    const std::span<char> window = rest.first(std::min(rest.size(), max_line));
    const auto feed = std::ranges::find(window, '\n');
    if (feed == window.end() && window.size() < max_line) break;  // has not all arrived
    const auto length = static_cast<std::size_t>(feed - window.begin());
    if (feed == window.end() || length == 0 || window[length - 1] != '\r') {
      return std::unexpected(Refusal::bad_chunk);
    }
    const std::span<const char> line = rest.first(length - 1);
    step.consumed += length + 1;
    bool valid = true;
    if (state_ == State::size_line) {
      valid = read_size_line(line);
    } else if (state_ == State::trailer) {
      valid = read_trailer_line(line);
    } else {
      valid = line.empty();
      state_ = State::size_line;
    }
    if (!valid) return std::unexpected(Refusal::bad_chunk);
  }
  return step;
}

bool ChunkedDecoder::read_size_line(std::span<const char> line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
    if (digits == kMaxSizeDigits) return false;
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
  }
  const std::span<const char> extension = line.subspan(digits);
  if (digits == 0 || (!extension.empty() && extension.front() != ';') ||
      !consists_of(CharacterClass::value, extension)) {
    return false;
  }
  total_ += size;
  left_ = size;
  state_ = total_ > limit_ ? State::too_large : size == 0 ? State::trailer : State::data;
  return true;
}

bool ChunkedDecoder::read_trailer_line(std::span<const char> line) {
  if (line.empty()) {
    state_ = State::done;
    return true;
  }
  trailer_bytes_ += line.size();
  const auto colon = std::ranges::find(line, ':');
  const std::span<const char> name(line.begin(), colon);
  return trailer_bytes_ <= kMaxTrailer && colon != line.end() && !name.empty() &&
         consists_of(CharacterClass::token, name) && consists_of(CharacterClass::value, line);
}

}  // namespace marconi::transport::http
