using System.Buffers;
using System.IO.Pipelines;

namespace RawWs.Fuzz;

/// <summary>What the server has sent, taken from the network without ever waiting for it.</summary>
internal sealed class ServerOutput(PipeReader reader)
{
    private readonly List<byte> _bytes = [];
    private bool _isOver;

    public byte[] Bytes => [.. _bytes];

    /// <summary>Whether the connection was dropped, so that what was under way is lost.</summary>
    public bool IsCut { get; private set; }

    public void Take()
    {
        try
        {
            while (!_isOver && reader.TryRead(out var result))
            {
                _bytes.AddRange(result.Buffer.ToArray());
                reader.AdvanceTo(result.Buffer.End);
                _isOver = result.IsCompleted;
            }
        }
        catch (IOException)
        {
            (_isOver, IsCut) = (true, true);
        }
    }
}
