#include "storage/embedded/keys.h"

namespace marconi::storage::embedded {

std::uint64_t number_in(std::string_view key, std::size_t at) {
  if (key.size() < at + 8) return 0;
  std::uint64_t number = 0;
  for (std::size_t i = at; i < at + 8; ++i) {
    number = number << 8 | static_cast<unsigned char>(key[i]);
  }
  return number;
}

std::string project_prefix(const domain::ProjectId& project) {
  // The length first: a project id may hold any octets, the bytes of another's prefix included.
  const auto length = project.is_anonymous() ? 0 : project.text().size() + 1;
  std::string prefix{static_cast<char>(length >> 24), static_cast<char>(length >> 16),
                     static_cast<char>(length >> 8), static_cast<char>(length)};
  return prefix + project.text();
}

std::string directory_key(const domain::QueueAddress& queue) {
  return project_prefix(queue.project) + queue.name.text();
}

std::string name_parts_prefix(const domain::ProjectId& project) {
  // As the length of a project's id this would be too large.
  return "\xff\xff\xff\xff" + project_prefix(project);
}

std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty())
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::string alias_key(QueueNumber queue, const base::Uuid& id) {
  std::string key(QueueKey{queue});
  key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  return key;
}

std::string project_count_key(const domain::ProjectId& project) {
  return "queues-of:" + project_prefix(project);
}

}  // namespace marconi::storage::embedded
