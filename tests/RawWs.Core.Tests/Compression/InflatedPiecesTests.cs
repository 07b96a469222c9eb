using System.Buffers;
using RawWs.Compression;

namespace RawWs.Tests.Compression;

public sealed class InflatedPiecesTests
{
    // 300 times the letter a, and the end of the block: zlib takes in a match of 258 bytes at once, whatever room there is for what comes out.
    private static readonly byte[] Compressed = [0x4A, 0x4C, 0x1C, 0x05, 0xC4, 0x02, 0x00];

    [Fact]
    public void What_has_arrived_comes_out_before_more_is_asked_for()
    {
        for (var arrived = 0; arrived <= Compressed.Length; arrived++)
        {
            var expected = LengthOf(arrived, room: 1000);
            for (var room = 1; room <= 300; room++)
                Assert.Equal(expected, LengthOf(arrived, room));
        }

        Assert.Equal(300, LengthOf(Compressed.Length, room: 1));
    }

    private static int LengthOf(int arrived, int room)
    {
        using var states = new DeflateStates(level: 1, maxMemory: long.MaxValue, static () => { });
        using var inflater = new MessageInflater(states, new DeflateParameters(true, true, 15, 15));
        var input = new ReadOnlySequence<byte>(Compressed, 0, arrived);
        var output = new byte[room];
        var length = 0;

        inflater.Begin();
        for (var isDone = false; !isDone;)
        {
            isDone = inflater.Decode(ref input, isLast: false, output, out var written);
            Assert.True(isDone || written > 0);
            length += written;
        }

        return length;
    }
}
