// A store whose old messages are only in the archive. Its readers find all messages.
#pragma once

#include <memory>

#include "ports/archive_source.h"
#include "ports/audit_store.h"
#include "ports/clock.h"
#include "ports/ingest_store.h"
#include "ports/message_reader.h"

namespace packwalk {

/// Queries the archive only for messages from before ArchiveSource::archive_only_until(); the store has the others.
std::unique_ptr<MessageReader> make_archived_message_reader(std::unique_ptr<MessageReader> store,
                                                            std::unique_ptr<ArchiveSource> source,
                                                            std::unique_ptr<Archive> archive);
std::unique_ptr<AuditStore> make_archived_audit_store(std::unique_ptr<AuditStore> store,
                                                      std::unique_ptr<ArchiveSource> source,
                                                      std::unique_ptr<Archive> archive);

/// Finds a repeated message in the archive after its day was dropped, for messages of days before that of `clock`.
std::unique_ptr<IngestStore> make_archived_ingest_store(std::unique_ptr<IngestStore> store,
                                                        std::unique_ptr<ArchiveSource> source,
                                                        std::unique_ptr<Archive> archive, Clock& clock);

/// Merges both pages in their order, each message once, up to the last message of the page that ends earlier. Both are
/// sorted and have no message twice. An empty page is the last one.
std::vector<StoredMessage> merged_page(std::vector<StoredMessage> store, std::vector<StoredMessage> archive,
                                       Paging page);

}  // namespace packwalk
