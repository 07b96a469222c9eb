using System.Buffers;
using System.Text;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Tests.Resp;

public sealed class RespWriterTests
{
    [Fact]
    public void A_command_is_an_array_of_bulk_strings_whatever_its_arguments_are()
    {
        var command = new RedisCommand("SET", "schlüssel", new ReadOnlyMemory<byte>([0, 13, 10]), "PX", 60_000, "");
        var output = new ArrayBufferWriter<byte>();
        RespWriter.Write(output, command);

        Assert.Equal("*6\r\n$3\r\nSET\r\n$10\r\nschl\u00c3\u00bcssel\r\n$3\r\n\0\r\n\r\n$2\r\nPX\r\n$5\r\n60000\r\n$0\r\n\r\n", Encoding.Latin1.GetString(output.WrittenSpan));
        Assert.InRange(output.WrittenCount, 0, RespWriter.MaxLengthOf(command));
    }

    [Theory]
    [InlineData("SUBSCRIBE", "a")]
    [InlineData("multi", "")]
    [InlineData("BLPOP", "a", "0")]
    [InlineData("XREAD", "count", "1", "block", "0", "STREAMS", "s", "$")]
    [InlineData("CLIENT", "reply", "off")]
    [InlineData("SELECT", "1")]
    public void Commands_that_hold_up_others_are_known(string name, params string[] arguments)
        => Assert.True(new RedisCommand(name, [.. arguments.Select(argument => (RedisArgument)argument)]).HoldsUpOthers);

    [Theory]
    [InlineData("XREAD", "STREAMS", "BLOCK", "0")]
    [InlineData("CLIENT", "ID")]
    [InlineData("GET", "SUBSCRIBE")]
    public void And_others_are_not_taken_for_them(string name, params string[] arguments)
        => Assert.False(new RedisCommand(name, [.. arguments.Select(argument => (RedisArgument)argument)]).HoldsUpOthers);
}
