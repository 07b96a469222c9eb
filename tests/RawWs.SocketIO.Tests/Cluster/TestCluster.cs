using System.Collections.Concurrent;

namespace RawWs.SocketIO.Tests.Cluster;

/// <summary>The wire between servers in one process: what one says, all others hear, at once.</summary>
internal sealed class TestCluster
{
    private readonly ConcurrentDictionary<(string Namespace, ClusterAdapter Member), byte> _members = new();

    public IReadOnlyList<ClusterAdapter> Others(ClusterAdapter self) => [.. MembersOf(self.Namespace.Name).Where(member => member != self)];

    public int Count(string nsp) => MembersOf(nsp).Count();

    public void Join(ClusterAdapter member) => _members.TryAdd((member.Namespace.Name, member), 0);

    public void Leave(ClusterAdapter member) => _members.TryRemove((member.Namespace.Name, member), out _);

    private IEnumerable<ClusterAdapter> MembersOf(string nsp) => _members.Keys.Where(key => key.Namespace == nsp).Select(key => key.Member);
}
