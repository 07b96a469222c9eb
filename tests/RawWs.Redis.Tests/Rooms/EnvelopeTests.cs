using System.Text;
using RawWs.Redis.Rooms;

namespace RawWs.Redis.Tests.Rooms;

public sealed class EnvelopeTests
{
    private static readonly NodeId Node = new((UInt128)0x0102030405060708 << 64);

    [Fact]
    public void A_broadcast_travels_in_this_form()
    {
        var written = Envelope.Write(Node, new RoomPublication { Rooms = ["a"], ExceptRooms = ["ü"], Message = "hi", Options = new SendOptions { Uncompressed = true } });
        Envelope.SetSequence(written, 7);

        Assert.Equal(
            "52570101" + "01020304050607080000000000000000" + "0000000000000007" + "03" + "00000001" + "00000001" + "61" + "00000001" + "00000002" + "c3bc" + "6869",
            Convert.ToHexStringLower(written));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SlowConsumerPolicy.Wait)]
    [InlineData(SlowConsumerPolicy.Conflate)]
    [InlineData(SlowConsumerPolicy.Disconnect)]
    public void What_is_written_is_read_with_everything_it_has(SlowConsumerPolicy? policy)
    {
        foreach (var message in (PreparedMessage[])[PreparedMessage.FromText("grüße"), PreparedMessage.FromText(""), PreparedMessage.FromBytes([0, 255, 13, 10])])
        {
            foreach (var key in (string?[])[null, "", "price"])
            {
                var publication = new RoomPublication
                {
                    Rooms = ["a", "b\0"],
                    ExceptRooms = ["c"],
                    Message = message,
                    Options = new SendOptions { Policy = policy, ConflationKey = key, Uncompressed = key is null },
                };
                var written = Envelope.Write(Node, publication);
                Envelope.SetSequence(written, ulong.MaxValue);

                Assert.True(Envelope.TryRead(written, out var read));
                Assert.Equal((Node, ulong.MaxValue), (read.Node, read.Sequence));
                Assert.Equal(publication.Rooms, read.Publication!.Rooms);
                Assert.Equal(publication.ExceptRooms, read.Publication.ExceptRooms);
                Assert.Equal(publication.Options, read.Publication.Options);
                Assert.Equal(message.Type, read.Publication.Message.Type);
                Assert.Equal(message.Payload.ToArray(), read.Publication.Message.Payload.ToArray());
            }
        }
    }

    [Fact]
    public void A_marker_has_a_number_and_nothing_else()
    {
        var written = Envelope.WriteMarker(Node);
        Envelope.SetSequence(written, 3);

        Assert.True(Envelope.IsMarker(written));
        Assert.True(Envelope.TryRead(written, out var read));
        Assert.Equal(new Envelope(Node, 3, null), read);
        Assert.False(Envelope.TryRead([.. written, 0], out _));
    }

    [Fact]
    public void What_is_cut_or_changed_is_refused_or_read_as_what_it_says_and_never_throws()
    {
        var written = Envelope.Write(Node, new RoomPublication { Rooms = ["a", "room"], ExceptRooms = ["ü"], Message = "text", Options = new SendOptions { ConflationKey = "key" } });
        var names = written.Length - "text".Length;

        // A text that is cut is still a text; what comes before is not to be cut.
        Assert.All(Enumerable.Range(0, names), length => Assert.False(Envelope.TryRead(written.AsSpan(0, length), out _)));
        for (var at = 0; at < written.Length; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var changed = (byte[])written.Clone();
                changed[at] = (byte)value;
                if (Envelope.TryRead(changed, out var read))
                    Assert.All(read.Publication?.Rooms ?? [], name => Assert.NotEmpty(name));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("52570201010203040506070800000000000000000000000000000007")]
    [InlineData("5257010101020304050607080000000000000000000000000000000701ffffffff0000000100000001")]
    [InlineData("525701010102030405060708000000000000000000000000000000070100000001ffffffff61")]
    [InlineData("52570101010203040506070800000000000000000000000000000007010000000100000000000000006869")]
    [InlineData("525701010102030405060708000000000000000000000000000000070100000000000000006869ff")]
    [InlineData("52570101010203040506070800000000000000000000000000000007f100000000000000006869")]
    [InlineData("525701010102030405060708000000000000000000000000000000070900000000000000006869")]
    public void What_is_of_another_form_is_refused(string hexOrText)
        => Assert.False(Envelope.TryRead(hexOrText.StartsWith("52", StringComparison.Ordinal) ? Convert.FromHexString(hexOrText) : Encoding.UTF8.GetBytes(hexOrText), out _));

    [Fact]
    public void A_name_that_is_no_text_stays_where_it_is()
        => Assert.Throws<EncoderFallbackException>(() => Envelope.Write(Node, new RoomPublication { Rooms = ["\ud800"], Message = "x" }));
}
