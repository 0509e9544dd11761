// Who and where: projects, queues and clients, as types that cannot be mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace marconi::domain {

/// The tenant. Opaque octets, or nobody: API v1 lets a request name no project, which is a
/// name space of its own and equals no named project (http-v1 §1.6).
class ProjectId {
 public:
  /// Longest id on routes that name a queue, in octets (http-v1 §1.2).
  static constexpr std::size_t kMaxOctets = 256;

  /// The anonymous project.
  ProjectId() = default;
  /// A named project. The text is taken as it is; length rules are the router's.
  explicit ProjectId(std::string text) : named_(true), text_(std::move(text)) {}

  [[nodiscard]] bool is_anonymous() const { return !named_; }
  /// The id; empty for the anonymous project.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// As error messages show it: the id, or `None`.
  [[nodiscard]] std::string_view display() const {
    return named_ ? std::string_view(text_) : "None";
  }

  friend auto operator<=>(const ProjectId&, const ProjectId&) = default;

 private:
  bool named_ = false;
  std::string text_;
};

/// A queue's name: 1 to 64 characters of [A-Za-z0-9_.-], case-sensitive (http-v1 §1.4).
class QueueName {
 public:
  static constexpr std::size_t kMaxLength = 64;

  /// Nothing if the text is not a valid name.
  [[nodiscard]] static std::optional<QueueName> from(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }

  friend auto operator<=>(const QueueName&, const QueueName&) = default;

 private:
  explicit QueueName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A queue of a project.
struct QueueAddress {
  ProjectId project;
  QueueName name;

  friend auto operator<=>(const QueueAddress&, const QueueAddress&) = default;
};

/// The caller's own id, used only to leave out one's own messages when listing. A UUID is held
/// in canonical lower-case form, so that equal values compare equal; other texts (option
/// `client_id_uuid_safe = off`) verbatim.
class ClientId {
 public:
  /// Takes text that is already in the form described above.
  explicit ClientId(std::string canonical) : text_(std::move(canonical)) {}

  /// Reads a UUID in any of the spellings that clients use: `urn:` and `uuid:` anywhere, braces
  /// around, hyphens anywhere, either case; exactly 32 hex digits remain (http-v1 §1.6).
  [[nodiscard]] static std::optional<ClientId> from_uuid(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }

  friend auto operator<=>(const ClientId&, const ClientId&) = default;

 private:
  std::string text_;
};

}  // namespace marconi::domain
