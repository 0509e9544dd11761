#include "config/options/options.h"

namespace marconi::config {
namespace {

constexpr auto kConfirmationMail =
    R"(topic:Zaqar Notification - Subscription Confirmation,)"
    R"(body:"You have chosen to subscribe to the queue: {0}. This queue belongs to project: {1}. )"
    R"(To confirm this subscription, click or visit this link below: {2}",)"
    R"(sender:Zaqar Notifications <no-reply@openstack.org>)";

constexpr auto kUnsubscribeMail =
    R"(topic:Zaqar Notification - Unsubscribe Confirmation,)"
    R"(body:"You have unsubscribed successfully to the queue: {0}. This queue belongs to )"
    R"(project: {1}. To resubscribe this subscription, click or visit this link below: {2}",)"
    R"(sender:Zaqar Notifications <no-reply@openstack.org>)";

Option notification(Type type, std::string_view name, Default preset, std::string_view effect) {
  return option(type, "notification", name, preset, effect).with_support(Support::no_effect);
}

Option pipeline(std::string_view name) {
  return option(Type::list, "storage", name, "", "Extra stages before the store.")
      .with_support(Support::unsupported);
}

}  // namespace

std::vector<Option> feature_options() {
  return {
      notification(Type::text, "smtp_mode", "third_part", "How mail is sent.")
          .one_of({"third_part", "self_local"}),
      notification(Type::text, "smtp_command", "/usr/sbin/sendmail -t -oi",
                   "The program that sends mail."),
      notification(Type::host, "smtp_host", std::nullopt, "The mail server."),
      notification(Type::port, "smtp_port", std::nullopt, "Its port."),
      notification(Type::text, "smtp_user_name", std::nullopt, "The user there."),
      notification(Type::text, "smtp_user_password", std::nullopt, "The user's password.")
          .as_secret(),
      notification(Type::integer, "max_notifier_workers", "10", "Threads that deliver."),
      notification(Type::boolean, "require_confirmation", "false",
                   "Delivers only to confirmed subscriptions."),
      notification(Type::text, "external_confirmation_url", std::nullopt,
                   "The page linked in confirmation mails."),
      notification(Type::dict, "subscription_confirmation_email_template", kConfirmationMail,
                   "The mail that asks for confirmation."),
      notification(Type::dict, "unsubscribe_confirmation_email_template", kUnsubscribeMail,
                   "The mail after unsubscribing."),
      pipeline("queue_pipeline"),
      pipeline("message_pipeline"),
      pipeline("claim_pipeline"),
      pipeline("subscription_pipeline"),
      pipeline("topic_pipeline"),
      option(Type::text, "signed_url", "secret_key", std::nullopt, "The key of pre-signed URLs.")
          .as_secret()
          .with_support(Support::no_effect),
      boolean("pooling:catalog", "enable_virtual_pool", false,
              "With pooling, falls back to the configured message store.")
          .with_support(Support::no_effect),
  };
}

}  // namespace marconi::config
