// Bytes on disk: integers and strings, written and read back with bounds checked.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace marconi::storage::embedded {

static_assert(std::endian::native == std::endian::little, "records are written little-endian");

/// Appends little-endian integers and length-prefixed strings to a record.
class RecordWriter {
 public:
  explicit RecordWriter(std::string& out) : out_(out) {}

  template <class Integer>
  RecordWriter& fixed(Integer value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }

  /// A string of at most 4 GiB with its length before it.
  RecordWriter& text(std::string_view value) {
    fixed(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
    return *this;
  }

  RecordWriter& raw(std::string_view value) {
    out_.append(value);
    return *this;
  }

 private:
  std::string& out_;
};

/// Reads a record front to back. Reading past the end makes it `failed` and yields zeros.
class RecordReader {
 public:
  explicit RecordReader(std::string_view record) : rest_(record) {}

  template <class Integer>
  Integer fixed() {
    Integer value{};
    if (const auto bytes = raw(sizeof value); !failed_) {
      std::memcpy(&value, bytes.data(), sizeof value);
    }
    return value;
  }

  std::string_view text() { return raw(fixed<std::uint32_t>()); }

  std::string_view raw(std::size_t size) {
    if (size > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  /// Everything not read yet.
  std::string_view rest() { return raw(rest_.size()); }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

inline std::string encode_counter(std::int64_t value) {
  std::string out;
  RecordWriter(out).fixed(value);
  return out;
}

inline std::int64_t decode_counter(std::string_view bytes) {
  return RecordReader(bytes).fixed<std::int64_t>();
}

}  // namespace marconi::storage::embedded
