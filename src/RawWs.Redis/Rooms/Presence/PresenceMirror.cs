namespace RawWs.Redis.Rooms;

/// <summary>Who is in rooms on all other nodes, as far as they have told.</summary>
/// <remarks>Thread-safe. What is to be told here is handed back, in order, so that whoever takes messages tells it under no lock.</remarks>
/// <param name="capacity">How many members are kept. Who is left out beyond is asked for when a quarter of that is free again, so that nobody is asked for everybody whenever somebody leaves.</param>
internal sealed class PresenceMirror(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, NodeMirror> _nodes = [];
    private int _count;

    /// <summary>How many members are kept.</summary>
    public int Count => Volatile.Read(ref _count);

    private bool HasRoom => capacity - _count >= Math.Max(1, capacity / 4);

    /// <summary>Who is in a room.</summary>
    public IReadOnlyList<RoomMember> Read(string room)
    {
        var members = new List<RoomMember>();
        lock (_gate)
        {
            foreach (var mirror in _nodes.Values)
                mirror.Read(room, members);
        }

        return members;
    }

    /// <summary>A node has said something.</summary>
    /// <param name="said">What it was.</param>
    /// <param name="mustAsk">Whether it has to be asked for everybody.</param>
    /// <returns>What is to be told here.</returns>
    public PresenceNews Take(PresenceMessage said, out bool mustAsk)
    {
        var news = new PresenceNews();
        lock (_gate)
        {
            var mirror = _nodes.GetValueOrDefault(said.Node);
            if (mirror is null)
                _nodes.Add(said.Node, mirror = new NodeMirror(said.Node));

            var count = mirror.Count;
            var room = capacity - (_count - count);
            mustAsk = false;
            switch (said)
            {
                case PresenceMessage.Here here:
                    mustAsk = mirror.Take(here, HasRoom);
                    break;
                case PresenceMessage.Changes changes:
                    mustAsk = mirror.Take(changes, room, news);
                    break;
                case PresenceMessage.Page page:
                    mirror.Take(page, room, news);
                    break;
            }

            _count += mirror.Count - count;
        }

        return news;
    }

    /// <summary>Forgets the nodes that do not live any more.</summary>
    /// <returns>What is to be told here.</returns>
    public PresenceNews KeepOnly(HashSet<NodeId> living)
    {
        var news = new PresenceNews();
        lock (_gate)
        {
            foreach (var (node, mirror) in _nodes)
            {
                if (living.Contains(node))
                    continue;

                // A dictionary may lose entries while it is gone through.
                _nodes.Remove(node);
                _count -= mirror.Count;
                mirror.End(news);
            }
        }

        return news;
    }
}
