// Arbitrary texts as ids and markers that clients bring back: nothing that reads them may crash,
// each value has one text, and no text is taken for an id of something else.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/uuid.h"
#include "domain/ids.h"
#include "domain/names.h"
#include "storage/embedded/codec.h"
#include "storage/embedded/id_codec.h"
#include "storage/embedded/records.h"

namespace {

using namespace marconi;
using namespace marconi::storage::embedded;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

void check_texts(std::string_view text) {
  if (const auto uuid = base::Uuid::from_canonical(text))
    require(uuid->to_string() == lowered(text));
  const domain::ClientId client{std::string(text)};
  const auto client_id = client_uuid(client_bytes(client));
  require(client_id.has_value() == (base::Uuid::from_canonical(text).has_value()));
  if (const auto marker = domain::Marker::from(text)) require(marker->to_string() == text);
}

const IdCodec& codec() {
  static const IdCodec kInstance(IdCodec::Key{std::byte{1}, std::byte{2}, std::byte{3}});
  return kInstance;
}

void check_ids(FuzzedDataProvider& data, std::string_view text) {
  const auto queue = data.ConsumeIntegralInRange<QueueNumber>(0, (1ULL << 56) - 1);
  const auto number = data.ConsumeIntegral<std::uint64_t>();
  const std::string id = codec().encode(IdKind::message, queue, number).to_string();
  require(codec().decode(IdKind::message, queue, id) == number);
  require(!codec().decode(IdKind::claim, queue, id));
  require(!codec().decode(IdKind::message, queue + 1, id));
  require(domain::Marker::from(domain::Marker{number}.to_string()) == domain::Marker{number});
  if (const auto found = codec().decode(IdKind::claim, queue, text)) {
    require(codec().encode(IdKind::claim, queue, *found).to_string() == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_texts(text);
  FuzzedDataProvider data(bytes, size);
  check_ids(data, text);
  return 0;
}
