// The administrator's token in its file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/access/admin_token.h"
#include "packwalk/installation/data_directory.h"
#include "packwalk/roles/ticker.h"

namespace packwalk {

/// For one thread. `directory` outlives it.
class AdminTokenFile {
 public:
  /// Construct it before the folder is locked: it checks whether a server has used the folder.
  explicit AdminTokenFile(const DataDirectory& directory);

  /// Reads the token, or creates one. If it creates one in a used folder, it logs that, because holders of the old
  /// token lose access. Valid as long as this object.
  Result<const AdminToken*> read();

  /// From now on, the server rereads a changed file within a second. While the file is not usable, the old token stays
  /// valid.
  void follow();

 private:
  Result<std::string> text() const;
  void look();

  const DataDirectory& directory_;
  bool is_used_;
  std::optional<AdminToken> token_;
  std::string trouble_;             // the last logged error; only for the ticker's thread
  std::unique_ptr<Ticker> ticker_;  // last, because its thread uses all members
};

}  // namespace packwalk
