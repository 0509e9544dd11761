#include "storage/faulty/faulty_store.h"

namespace marconi::storage::faulty {

namespace {

std::unexpected<base::Error> out_of_order() {
  return base::fail(base::ErrorKind::internal, FaultyStore::kDescription);
}

}  // namespace

Result<void> FaultyStore::ping(Call&) { return out_of_order(); }

Result<bool> FaultyStore::Queues::create(Call&, const QueueAddress&, const domain::QueueMetadata&) {
  return out_of_order();
}

Result<domain::SharedQueueMetadata> FaultyStore::Queues::find(Call&, const QueueAddress&) {
  return out_of_order();
}

Result<domain::SharedQueueMetadata> FaultyStore::Queues::update(Call&, const QueueAddress&,
                                                                const MetadataChange&) {
  return out_of_order();
}

Result<void> FaultyStore::Queues::remove(Call&, const QueueAddress&) { return out_of_order(); }

Result<std::vector<QueueEntry>> FaultyStore::Queues::list(Call&, const ProjectId&,
                                                          const QueueListRequest&) {
  return out_of_order();
}

Result<std::uint64_t> FaultyStore::Queues::count(Call&, const ProjectId&) { return out_of_order(); }

Result<std::optional<domain::QueueStats>> FaultyStore::Queues::stats(Call&, const QueueAddress&) {
  return out_of_order();
}

Result<std::vector<MessageId>> FaultyStore::Messages::post(Call&, const QueueAddress&,
                                                           std::span<const domain::NewMessage>,
                                                           const ClientId&) {
  return out_of_order();
}

Result<std::vector<domain::Message>> FaultyStore::Messages::list(Call&, const QueueAddress&,
                                                                 const MessageListRequest&) {
  return out_of_order();
}

Result<std::optional<Marker>> FaultyStore::Messages::position(Call&, const QueueAddress&,
                                                              const MessageId&) {
  return out_of_order();
}

Result<std::vector<domain::Message>> FaultyStore::Messages::get(Call&, const QueueAddress&,
                                                                std::span<const MessageId>) {
  return out_of_order();
}

Result<DeleteOutcome> FaultyStore::Messages::remove(Call&, const QueueAddress&, const MessageId&,
                                                    const std::optional<ClaimId>&) {
  return out_of_order();
}

Result<void> FaultyStore::Messages::remove_many(Call&, const QueueAddress&,
                                                std::span<const MessageId>) {
  return out_of_order();
}

Result<DeleteOutcome> FaultyStore::Messages::remove_many_claimed(Call&, const QueueAddress&,
                                                                 std::span<const MessageId>,
                                                                 std::span<const ClaimId>) {
  return out_of_order();
}

Result<std::vector<domain::Message>> FaultyStore::Messages::pop(Call&, const QueueAddress&,
                                                                std::uint64_t) {
  return out_of_order();
}

Result<void> FaultyStore::Messages::purge(Call&, const QueueAddress&) { return out_of_order(); }

Result<std::optional<domain::Claim>> FaultyStore::Claims::create(Call&, const QueueAddress&,
                                                                 const ClaimTerms&, std::uint64_t) {
  return out_of_order();
}

Result<domain::Claim> FaultyStore::Claims::get(Call&, const QueueAddress&, const ClaimId&) {
  return out_of_order();
}

Result<void> FaultyStore::Claims::renew(Call&, const QueueAddress&, const ClaimId&,
                                        const ClaimTerms&) {
  return out_of_order();
}

Result<void> FaultyStore::Claims::release(Call&, const QueueAddress&, const ClaimId&) {
  return out_of_order();
}

}  // namespace marconi::storage::faulty
