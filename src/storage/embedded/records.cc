#include "storage/embedded/records.h"

#include "storage/embedded/codec.h"

namespace marconi::storage::embedded {

namespace {

enum MessageFlags : std::uint8_t { kHasChecksum = 1, kHasForeignId = 2, kHasDelay = 4 };

std::string_view uuid_bytes(const base::Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

std::optional<base::Uuid> to_uuid(std::string_view bytes) {
  base::Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) return std::nullopt;
  std::memcpy(uuid.bytes.data(), bytes.data(), uuid.bytes.size());
  return uuid;
}

template <class Record>
std::optional<Record> unless_failed(const RecordReader& reader, Record record) {
  if (reader.failed()) return std::nullopt;
  return record;
}

}  // namespace

std::string QueueRecord::encode() const {
  std::string out;
  RecordWriter writer(out);
  writer.fixed(number).text(metadata_json);
  if (state) writer.fixed(state->tail_start).fixed(state->claim_ceiling).fixed(state->first_block);
  return out;
}

std::optional<QueueRecord> QueueRecord::decode(std::string_view bytes) {
  RecordReader reader(bytes);
  QueueRecord record;
  record.number = reader.fixed<std::uint64_t>();
  record.metadata_json = reader.text();
  if (!reader.at_end()) {
    auto& state = record.state.emplace();
    state.tail_start = reader.fixed<std::uint64_t>();
    state.claim_ceiling = reader.fixed<std::uint64_t>();
    state.first_block = reader.fixed<std::uint64_t>();
  }
  return unless_failed(reader, std::move(record));
}

std::string StateRecord::encode() const {
  std::string out;
  RecordWriter(out)
      .fixed(tail_start)
      .fixed(claim_ceiling)
      .fixed(static_cast<std::uint8_t>(project.is_anonymous() ? 0 : 1))
      .text(project.text())
      .text(name);
  return out;
}

std::optional<StateRecord> StateRecord::decode(std::string_view bytes) {
  RecordReader reader(bytes);
  StateRecord record;
  record.tail_start = reader.fixed<std::uint64_t>();
  record.claim_ceiling = reader.fixed<std::uint64_t>();
  const bool named = reader.fixed<std::uint8_t>() != 0;
  std::string project(reader.text());
  if (named) record.project = domain::ProjectId(std::move(project));
  record.name = reader.text();
  return unless_failed(reader, std::move(record));
}

std::string MessageRecord::encode() const { return encode_head().append(body); }

std::string MessageRecord::encode_head() const {
  std::string out;
  out.reserve(64 + client.size() + checksum.size());
  std::uint8_t flags = 0;
  if (!checksum.empty()) flags |= kHasChecksum;
  if (foreign_id) flags |= kHasForeignId;
  if (delayed_until != 0) flags |= kHasDelay;
  RecordWriter writer(out);
  writer.fixed(flags).fixed(created).fixed(ttl).fixed(expiry);
  writer.text(client);
  if (delayed_until != 0) writer.fixed(delayed_until);
  if (!checksum.empty()) writer.text(checksum);
  if (foreign_id) {
    writer.raw(uuid_bytes(*foreign_id)).fixed(claim_count);
  }
  return out;
}

std::optional<MessageRecord> MessageRecord::decode(std::string_view bytes) {
  RecordReader reader(bytes);
  MessageRecord record;
  const auto flags = reader.fixed<std::uint8_t>();
  record.created = reader.fixed<UtcMillis>();
  record.ttl = reader.fixed<std::int64_t>();
  record.expiry = reader.fixed<UtcSeconds>();
  record.client = reader.text();
  if (flags & kHasDelay) record.delayed_until = reader.fixed<UtcSeconds>();
  if (flags & kHasChecksum) record.checksum = reader.text();
  if (flags & kHasForeignId) {
    record.foreign_id = to_uuid(reader.raw(16));
    record.claim_count = reader.fixed<std::int64_t>();
  }
  record.body = reader.rest();
  return unless_failed(reader, record);
}

std::string MarkRecord::encode() const {
  std::string out;
  RecordWriter(out)
      .fixed(claim)
      .fixed(claim_end)
      .fixed(claim_count)
      .fixed(static_cast<std::uint8_t>(extended ? 1 : 0))
      .fixed(ttl)
      .fixed(expiry);
  return out;
}

std::optional<MarkRecord> MarkRecord::decode(std::string_view bytes) {
  RecordReader reader(bytes);
  MarkRecord record;
  record.claim = reader.fixed<std::uint64_t>();
  record.claim_end = reader.fixed<UtcSeconds>();
  record.claim_count = reader.fixed<std::int64_t>();
  record.extended = reader.fixed<std::uint8_t>() != 0;
  record.ttl = reader.fixed<std::int64_t>();
  record.expiry = reader.fixed<UtcSeconds>();
  return unless_failed(reader, record);
}

std::string ClaimRecord::encode() const {
  std::string out;
  RecordWriter writer(out);
  writer.fixed(ttl).fixed(started).fixed(end);
  for (const auto marker : markers) writer.fixed(marker);
  return out;
}

std::optional<ClaimRecord> ClaimRecord::decode(std::string_view bytes) {
  RecordReader reader(bytes);
  ClaimRecord record;
  record.ttl = reader.fixed<std::int64_t>();
  record.started = reader.fixed<UtcMillis>();
  record.end = reader.fixed<UtcSeconds>();
  if (reader.failed()) return std::nullopt;
  RecordReader markers(reader.rest());
  for (auto marker = markers.fixed<std::uint64_t>(); !markers.failed();
       marker = markers.fixed<std::uint64_t>()) {
    record.markers.push_back(marker);
  }
  return record;
}

std::string BlockRecord::encode() const {
  std::string out;
  RecordWriter writer(out);
  writer.fixed(live).fixed(marked).fixed(used).fixed(latest_expiry).fixed(sweep_at);
  if (sole_client) writer.raw(uuid_bytes(*sole_client));
  if (learned_from == 0) return out;
  writer.fixed(learned_from);
  for (const auto& memo : {unclaimed, claimable}) writer.fixed(memo.position).fixed(memo.until);
  return out;
}

std::optional<BlockRecord> BlockRecord::decode(std::string_view bytes) {
  RecordReader reader(bytes);
  BlockRecord record;
  record.live = reader.fixed<std::uint32_t>();
  record.marked = reader.fixed<std::uint32_t>();
  record.used = reader.fixed<std::uint32_t>();
  record.latest_expiry = reader.fixed<UtcSeconds>();
  record.sweep_at = reader.fixed<UtcSeconds>();
  if (reader.failed()) return std::nullopt;
  // A program that knows of no memos takes a rest of the size of a client for one, and ignores any
  // other.
  constexpr std::size_t kClientSize = 16;
  constexpr std::size_t kMemosSize = 32;
  const auto rest = reader.rest();
  const auto size = rest.size();
  RecordReader optional(rest);
  if (size == kClientSize || size == kClientSize + kMemosSize) {
    record.sole_client = to_uuid(optional.raw(kClientSize));
  }
  if (size != kMemosSize && size != kClientSize + kMemosSize) return record;
  record.learned_from = optional.fixed<UtcSeconds>();
  if (record.learned_from == 0) return record;
  for (auto* memo : {&record.unclaimed, &record.claimable}) {
    memo->position = optional.fixed<std::uint32_t>();
    memo->until = optional.fixed<UtcSeconds>();
  }
  return record;
}

std::string client_bytes(const domain::ClientId& client) {
  const auto uuid = base::Uuid::from_canonical(client.text());
  return uuid ? "u" + std::string(uuid_bytes(*uuid)) : "t" + client.text();
}

std::optional<base::Uuid> client_uuid(std::string_view client_bytes) {
  if (!client_bytes.starts_with('u')) return std::nullopt;
  return to_uuid(client_bytes.substr(1));
}

}  // namespace marconi::storage::embedded
