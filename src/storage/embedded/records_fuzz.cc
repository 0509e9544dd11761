// Arbitrary bytes as what lies on disk: nothing that reads them may crash, and what can be read
// means the same after it has been written again.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/uuid.h"
#include "domain/names.h"
#include "storage/embedded/codec.h"
#include "storage/embedded/keys.h"
#include "storage/embedded/records.h"

namespace {

using namespace marconi;
using namespace marconi::storage::embedded;

void require(bool condition) {
  if (!condition) std::abort();
}

// ---- Records ------------------------------------------------------------------------------------

auto members(const QueueRecord& r) { return std::tie(r.number, r.metadata_json, r.state); }
auto members(const StateRecord& r) {
  return std::tie(r.project, r.name, r.tail_start, r.claim_ceiling);
}
auto members(const MessageRecord& r) {
  return std::tie(r.created, r.ttl, r.expiry, r.delayed_until, r.client, r.checksum, r.foreign_id,
                  r.claim_count, r.body);
}
auto members(const MarkRecord& r) {
  return std::tie(r.claim, r.claim_end, r.claim_count, r.extended, r.ttl, r.expiry);
}
auto members(const ClaimRecord& r) { return std::tie(r.ttl, r.started, r.end, r.markers); }
auto members(const BlockRecord& r) {
  return std::tie(r.live, r.marked, r.used, r.latest_expiry, r.sweep_at, r.sole_client,
                  r.learned_from, r.unclaimed.position, r.unclaimed.until, r.claimable.position,
                  r.claimable.until);
}

template <class Record>
void check_written(const Record& record) {
  const std::string bytes = record.encode();
  const auto again = Record::decode(bytes);
  require(again && members(*again) == members(record));
  require(again->encode() == bytes);
}

template <class Record>
void check_read(std::string_view bytes) {
  if (const auto record = Record::decode(bytes)) check_written(*record);
}

void check_records_read(std::string_view bytes) {
  check_read<QueueRecord>(bytes);
  check_read<StateRecord>(bytes);
  check_read<MessageRecord>(bytes);
  check_read<MarkRecord>(bytes);
  check_read<ClaimRecord>(bytes);
  check_read<BlockRecord>(bytes);
  require(bytes.size() < 8 || encode_counter(decode_counter(bytes)) == bytes.substr(0, 8));
}

std::optional<base::Uuid> some_uuid(FuzzedDataProvider& data) {
  if (!data.ConsumeBool()) return std::nullopt;
  base::Uuid uuid;
  data.ConsumeData(uuid.bytes.data(), uuid.bytes.size());
  return uuid;
}

/// Records as a store makes them, rather than as a disk may hold them.
void check_records_written(FuzzedDataProvider& data) {
  const auto number = [&] { return data.ConsumeIntegral<std::int64_t>(); };
  const std::string client = data.ConsumeRandomLengthString(400);
  const std::string checksum = data.ConsumeRandomLengthString(80);
  MessageRecord message{.created = number(),
                        .ttl = number(),
                        .expiry = number(),
                        .delayed_until = number(),
                        .client = client,
                        .checksum = checksum,
                        .foreign_id = some_uuid(data),
                        .body = {}};
  if (message.foreign_id) message.claim_count = number();
  const std::string body = data.ConsumeRandomLengthString();
  message.body = body;
  check_written(message);
  const std::string project = data.ConsumeRandomLengthString(256);
  check_written(
      StateRecord{.project = data.ConsumeBool() ? domain::ProjectId(project) : domain::ProjectId(),
                  .name = data.ConsumeRandomLengthString(64),
                  .tail_start = data.ConsumeIntegral<std::uint64_t>(),
                  .claim_ceiling = data.ConsumeIntegral<std::uint64_t>()});
}

// ---- Keys ---------------------------------------------------------------------------------------

void check_numbers(FuzzedDataProvider& data) {
  const auto number = [&] { return data.ConsumeIntegral<std::uint64_t>(); };
  const std::uint64_t a = number(), b = number(), c = number(), d = number();
  const MarkerKey first(a, b), second(c, d);
  require(number_in(first, 0) == a && number_in(first, 8) == b && number_in(first, 9) == 0);
  require((std::string_view(first) < std::string_view(second)) ==
          (std::tie(a, b) < std::tie(c, d)));
}

/// Keys of a project lie between its prefix and what follows that, and no others do.
void check_projects(FuzzedDataProvider& data) {
  const auto project = [&] {
    return data.ConsumeBool() ? domain::ProjectId(data.ConsumeRandomLengthString(256))
                              : domain::ProjectId();
  };
  const domain::ProjectId one = project(), other = project();
  const std::string prefix = project_prefix(one);
  const auto is_in_range = [&](const domain::ProjectId& owner) {
    const std::string key = directory_key({owner, domain::QueueName::from("q").value()});
    return key >= prefix && key < after_prefix(prefix);
  };
  require(is_in_range(one));
  require(is_in_range(other) == (one == other));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_records_read(text);
  FuzzedDataProvider data(bytes, size);
  check_numbers(data);
  check_projects(data);
  check_records_written(data);
  return 0;
}
