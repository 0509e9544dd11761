#include "storage/mongodb/placement.h"

#include <boost/crc.hpp>

namespace marconi::storage::mongodb {

namespace {

/// ∅, which no header field holds.
constexpr std::string_view kEmptyName = "\u2205";

std::string project_text(const domain::ProjectId& project) {
  if (!project.is_anonymous() && project.text().empty()) return std::string(kEmptyName);
  std::string text;
  for (const char octet : project.text()) {
    const auto number = static_cast<unsigned char>(octet);
    if (number < 0x80) {
      text += octet;
    } else {
      text += static_cast<char>(0xc0 | number >> 6);
      text += static_cast<char>(0x80 | (number & 0x3f));
    }
  }
  return text;
}

}  // namespace

std::string scope_prefix(const domain::ProjectId& project) { return project_text(project) + '/'; }

std::string scope_of(const domain::QueueAddress& queue) {
  return scope_prefix(queue.project) + queue.name.text();
}

std::uint32_t partition_of(std::string_view scope, std::uint32_t partitions) {
  const auto slash = scope.rfind('/');  // a queue's name has none
  boost::crc_32_type checksum;
  checksum.process_bytes(scope.data(), slash);
  checksum.process_bytes(scope.data() + slash + 1, scope.size() - slash - 1);
  return checksum.checksum() % partitions;
}

CollectionName Placement::queues() const { return {management_database + "_queues", "queues"}; }

CollectionName Placement::removed_queues() const {
  return {management_database + "_queues", "removed_queues"};
}

CollectionName Placement::messages(std::uint32_t partition) const {
  return {partition_database(partition), "messages"};
}

CollectionName Placement::messages(std::string_view scope) const {
  return messages(partition_of(scope, partitions));
}

CollectionName Placement::claims(std::uint32_t partition) const {
  return {partition_database(partition), "claims"};
}

CollectionName Placement::claims(std::string_view scope) const {
  return claims(partition_of(scope, partitions));
}

std::string Placement::partition_database(std::uint32_t partition) const {
  return message_database + (fifo ? "_messages_fifo_p" : "_messages_p") + std::to_string(partition);
}

}  // namespace marconi::storage::mongodb
