#include "storage/mongodb/bson.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace marconi::storage::mongodb {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

namespace {

template <class T>
std::string octets_of(T number) {
  const auto octets = std::bit_cast<std::array<char, sizeof number>>(number);
  return {octets.data(), octets.size()};
}

/// The number at the front of bytes that hold it.
template <class T>
T number_at(std::string_view bytes) {
  T number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

template <class T>
std::optional<T> number_of(std::string_view bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  return number_at<T>(bytes);
}

/// How many octets the value at the front of `bytes` has; nothing if it is cut off or unknown.
std::optional<std::size_t> size_of_value(BsonType type, std::string_view bytes) {
  const auto counted = [&](std::size_t more) -> std::optional<std::size_t> {
    const auto size = number_of<std::int32_t>(bytes);
    if (!size || *size < 0) return std::nullopt;
    return static_cast<std::size_t>(*size) + more;
  };
  switch (type) {
    case BsonType::null:
      return 0;
    case BsonType::boolean:
      return 1;
    case BsonType::int32:
      return 4;
    case BsonType::real:
    case BsonType::date:
    case BsonType::int64:
      return 8;
    case BsonType::object_id:
      return 12;
    case BsonType::string:
      return counted(4);
    case BsonType::binary:
      return counted(5);
    case BsonType::document:
    case BsonType::array:
      return counted(0);
  }
  return std::nullopt;
}

}  // namespace

// ---- values -------------------------------------------------------------------------------

std::optional<std::int64_t> BsonValue::as_integer() const {
  if (type == BsonType::int32) return number_of<std::int32_t>(data);
  if (type == BsonType::int64) return number_of<std::int64_t>(data);
  const auto real = as_real();
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!real || !(*real >= -kLimit && *real < kLimit)) return std::nullopt;
  return static_cast<std::int64_t>(*real);
}

std::optional<double> BsonValue::as_real() const {
  return type == BsonType::real ? number_of<double>(data) : std::nullopt;
}

std::optional<bool> BsonValue::as_boolean() const {
  if (type != BsonType::boolean || data.empty()) return std::nullopt;
  return data[0] != 0;
}

std::optional<std::string_view> BsonValue::as_text() const {
  if (type != BsonType::string || data.size() < 5) return std::nullopt;
  return data.substr(4, data.size() - 5);
}

std::optional<Date> BsonValue::as_date() const {
  const auto millis = type == BsonType::date ? number_of<std::int64_t>(data) : std::nullopt;
  return millis ? std::optional(Date{*millis}) : std::nullopt;
}

std::optional<ObjectId> BsonValue::as_object_id() const {
  return type == BsonType::object_id ? number_of<ObjectId>(data) : std::nullopt;
}

std::optional<Binary> BsonValue::as_binary() const {
  if (type != BsonType::binary || data.size() < 5) return std::nullopt;
  return Binary{static_cast<std::uint8_t>(data[4]), data.substr(5)};
}

std::optional<BsonView> BsonValue::as_document() const {
  if (type != BsonType::document && type != BsonType::array) return std::nullopt;
  return BsonView(data);
}

// ---- reading ------------------------------------------------------------------------------

std::vector<BsonElement> BsonView::elements() const {
  std::vector<BsonElement> found;
  auto rest = bytes_.substr(std::min<std::size_t>(bytes_.size(), 4));
  while (rest.size() > 1) {
    const auto type = static_cast<BsonType>(rest[0]);
    const auto name_end = rest.find('\0', 1);
    if (name_end == std::string_view::npos) break;
    const auto name = rest.substr(1, name_end - 1);
    rest.remove_prefix(name_end + 1);
    const auto size = size_of_value(type, rest);
    if (!size || *size > rest.size()) break;
    found.push_back({name, {type, rest.substr(0, *size)}});
    rest.remove_prefix(*size);
  }
  return found;
}

std::optional<BsonValue> BsonView::find(std::string_view path) const {
  const auto dot = path.find('.');
  const auto name = path.substr(0, dot);
  for (const auto& element : elements()) {
    if (element.name != name) continue;
    if (dot == std::string_view::npos) return element.value;
    const auto inner = element.value.as_document();
    return inner ? inner->find(path.substr(dot + 1)) : std::nullopt;
  }
  return std::nullopt;
}

// ---- writing ------------------------------------------------------------------------------

Member::Member(std::string_view its_name, std::string_view text)
    : Member(its_name, BsonType::string, octets_of(static_cast<std::int32_t>(text.size() + 1))) {
  data += text;
  data += '\0';
}

Member Member::of_integer(std::string_view name, std::int64_t number) {
  const auto narrow = static_cast<std::int32_t>(number);
  return narrow == number ? Member(name, BsonType::int32, octets_of(narrow))
                          : Member(name, BsonType::int64, octets_of(number));
}

Member::Member(std::string_view its_name, double number)
    : Member(its_name, BsonType::real, octets_of(number)) {}

Member::Member(std::string_view its_name, Date date)
    : Member(its_name, BsonType::date, octets_of(date.millis)) {}

Member::Member(std::string_view its_name, const ObjectId& id)
    : Member(its_name, BsonType::object_id, octets_of(id.octets)) {}

Member::Member(std::string_view its_name, const Binary& binary)
    : Member(its_name, BsonType::binary,
             octets_of(static_cast<std::int32_t>(binary.octets.size()))) {
  data += static_cast<char>(binary.kind);
  data += binary.octets;
}

Member::Member(std::string_view its_name, const Document& document)
    : Member(its_name, BsonType::document, document.bytes()) {}

Document::Document(std::initializer_list<Member> members) {
  for (const auto& member : members) append(member);
}

Document& Document::append(const Member& member) {
  append(bytes_, member);
  return *this;
}

void Document::append(std::string& bytes, const Member& member) {
  bytes.back() = static_cast<char>(member.type);  // in the place of the closing NUL
  bytes += member.name;
  bytes += '\0';
  bytes += member.data;
  bytes += '\0';
  const auto size = octets_of(static_cast<std::int32_t>(bytes.size()));
  bytes.replace(0, size.size(), size);
}

}  // namespace marconi::storage::mongodb
