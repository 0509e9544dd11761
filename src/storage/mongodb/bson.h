// Documents in BSON, the format of everything the database stores and says (bsonspec.org), as far
// as this driver uses it.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/mongodb/object_id.h"

namespace marconi::storage::mongodb {

enum class BsonType : std::uint8_t {
  real = 0x01,
  string = 0x02,
  document = 0x03,
  array = 0x04,
  binary = 0x05,
  object_id = 0x07,
  boolean = 0x08,
  date = 0x09,
  null = 0x0a,
  int32 = 0x10,
  int64 = 0x12,
};

/// A moment, as a type of its own: a date and a number never compare equal in the database.
struct Date {
  base::UtcMillis millis = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};

/// Octets of a kind.
struct Binary {
  static constexpr std::uint8_t kOldUuid = 3;
  static constexpr std::uint8_t kUuid = 4;

  std::uint8_t kind = 0;
  std::string_view octets;
};

class BsonView;

/// A value inside a document that must outlive it.
struct BsonValue {
  BsonType type = BsonType::null;
  std::string_view data;  ///< as the format writes it, without type and name

  [[nodiscard]] bool is_null() const { return type == BsonType::null; }
  /// Numbers of any kind, a real one cut to whole; nothing for every other type.
  [[nodiscard]] std::optional<std::int64_t> as_integer() const;
  [[nodiscard]] std::optional<double> as_real() const;
  [[nodiscard]] std::optional<bool> as_boolean() const;
  [[nodiscard]] std::optional<std::string_view> as_text() const;
  [[nodiscard]] std::optional<Date> as_date() const;
  [[nodiscard]] std::optional<ObjectId> as_object_id() const;
  [[nodiscard]] std::optional<Binary> as_binary() const;
  /// A document or an array, whose elements are named "0", "1", …
  [[nodiscard]] std::optional<BsonView> as_document() const;
};

struct BsonElement {
  std::string_view name;
  BsonValue value;
};

/// Reads a document. Bytes that are none read as fewer elements, never beyond their end.
class BsonView {
 public:
  explicit BsonView(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::vector<BsonElement> elements() const;
  /// The value at a path such as `c.id`; nothing if it is absent.
  [[nodiscard]] std::optional<BsonValue> find(std::string_view path) const;

 private:
  std::string_view bytes_;
};

class Document;

/// An array under construction.
class Array {
 public:
  Array() = default;
  template <class T>
  explicit Array(const std::vector<T>& values);
  template <class T>
  void append(const T& value);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_{"\x05\0\0\0\0", 5};
  std::size_t size_ = 0;
};

/// A name and a value, to make documents of. The name has no NUL and lives for the call.
struct Member {
  Member(std::string_view its_name, std::nullptr_t) : Member(its_name, BsonType::null, {}) {}
  Member(std::string_view its_name, std::string_view text);
  Member(std::string_view its_name, const std::string& text)
      : Member(its_name, std::string_view(text)) {}
  Member(std::string_view its_name, const char* text) : Member(its_name, std::string_view(text)) {}
  /// As small as it fits, as the reference service writes integers.
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Member(std::string_view its_name, T number)
      : Member(of_integer(its_name, static_cast<std::int64_t>(number))) {}
  Member(std::string_view its_name, bool truth)
      : Member(its_name, BsonType::boolean, std::string(1, truth ? '\1' : '\0')) {}
  Member(std::string_view its_name, double number);
  Member(std::string_view its_name, Date date);
  Member(std::string_view its_name, const ObjectId& id);
  Member(std::string_view its_name, const Binary& binary);
  Member(std::string_view its_name, const Document& document);
  Member(std::string_view its_name, const Array& array)
      : Member(its_name, BsonType::array, array.bytes()) {}
  Member(std::string_view its_name, const BsonValue& value)
      : Member(its_name, value.type, std::string(value.data)) {}

  std::string_view name;
  BsonType type;
  std::string data;

 private:
  Member(std::string_view its_name, BsonType its_type, std::string its_data)
      : name(its_name), type(its_type), data(std::move(its_data)) {}
  static Member of_integer(std::string_view name, std::int64_t number);
};

/// A document that owns its bytes and can be added to.
class Document {
 public:
  Document() = default;
  Document(std::initializer_list<Member> members);
  /// Copies the bytes of a whole document.
  explicit Document(BsonView view) : bytes_(view.bytes()) {}

  Document& append(const Member& member);

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] BsonView view() const { return BsonView(bytes_); }
  /// What it returns lives in the document, and so no longer than that does.
  [[nodiscard]] std::optional<BsonValue> find(std::string_view path) const& {
    return view().find(path);
  }
  std::optional<BsonValue> find(std::string_view path) const&& = delete;
  friend bool operator==(const Document&, const Document&) = default;

 private:
  friend class Array;
  static void append(std::string& bytes, const Member& member);

  std::string bytes_{"\x05\0\0\0\0", 5};
};

template <class T>
void Array::append(const T& value) {
  const auto name = std::to_string(size_++);
  Document::append(bytes_, Member(name, value));
}

template <class T>
Array::Array(const std::vector<T>& values) {
  for (const auto& value : values) append(value);
}

}  // namespace marconi::storage::mongodb
