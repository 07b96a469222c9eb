using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RawWs.Redis.Tests.Resp;

/// <summary>Whatever a server writes is read as it is, in whatever pieces it arrives.</summary>
public sealed class RespParserPropertyTests
{
    private const ulong Seed = 6379;
    private const int Cases = 300;

    // A value as it is written, and as it is read.
    private static readonly Gen<(string Wire, string Text)> Leaf = Gen.OneOf(
        Gen.Choose(-1_000_000, 1_000_000).Select(number => ($":{number}\r\n", $"{number}")),
        Bytes.Select(bytes => ($"${bytes.Length}\r\n{bytes}\r\n", Quoted(bytes))),
        Bytes.Select(bytes => ($"!{bytes.Length}\r\n{bytes}\r\n", $"Error {Quoted(bytes)}")),
        Bytes.Select(bytes => ($"={bytes.Length + 4}\r\nmkd:{bytes}\r\n", Quoted(bytes))),
        Gen.Elements(("_\r\n", "(null)"), ("$-1\r\n", "(null)"), ("#t\r\n", "true"), (",0.25\r\n", "0.25"), ("+OK\r\n", "\"OK\"")));

    private static Gen<string> Bytes => Gen.Choose(0, 255).Select(octet => (char)octet).ArrayOf(8).Select(characters => new string(characters));

    [Fact]
    public void Values_within_values_are_read_as_they_were_written_in_any_pieces()
    {
        var cases =
            from values in ValueOf(depth: 4).NonEmptyListOf()
            from pieces in Gen.Choose(1, 20).NonEmptyListOf()
            select (Wire: string.Concat(values.Select(value => value.Wire)), Text: string.Join(' ', values.Select(value => value.Text)), Pieces: pieces.ToArray());

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(new Replay(new Rnd(Seed), size: null)),
            Prop.ForAll(cases.ToArbitrary(), each =>
            {
                var wire = RespBytes.Of(each.Wire);
                return RespBytes.Read(wire, EndsOf(wire.Length, each.Pieces)) == each.Text;
            }));
    }

    [Fact]
    public void Any_bytes_come_to_the_same_in_any_pieces()
    {
        // Mostly characters that mean something.
        var octets = Gen.Frequency((8, Gen.Elements("+-:$*_#,(!=~>%|0123456789\r\n".ToCharArray())), (4, Gen.Constant('\n')), (1, Gen.Choose(0, 255).Select(octet => (char)octet)));
        var cases =
            from start in Gen.Elements("+", "$", "*", ":", "%", "|", ">", "~", "!", "=")
            from rest in octets.ListOf()
            from lineEnd in Gen.Frequency((9, Gen.Constant("\r\n")), (1, Gen.Constant("\n")))
            from pieces in Gen.Choose(1, 5).NonEmptyListOf()
            select (Wire: (start + string.Concat(rest)).Replace("\n", lineEnd, StringComparison.Ordinal), Pieces: pieces.ToArray());

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(10 * Cases).WithReplay(new Replay(new Rnd(Seed), size: null)),
            Prop.ForAll(cases.ToArbitrary(), each =>
            {
                var wire = RespBytes.Of(each.Wire);
                return RespBytes.Read(wire, [wire.Length]) == RespBytes.Read(wire, EndsOf(wire.Length, each.Pieces));
            }));
    }

    private static Gen<(string Wire, string Text)> ValueOf(int depth)
    {
        if (depth == 0)
            return Leaf;

        var item = ValueOf(depth - 1);
        var collection =
            from type in Gen.Elements(('*', "Array"), ('~', "Set"), ('%', "Map"))
            from count in Gen.Choose(0, 3)
            from items in item.ArrayOf(type.Item1 == '%' ? 2 * count : count)
            select ($"{type.Item1}{count}\r\n{string.Concat(items.Select(each => each.Wire))}", $"{type.Item2}[{string.Concat(items.Select(each => each.Text + " "))}]");
        var withAttribute =
            from attribute in item
            from value in item
            select ($"|1\r\n+k\r\n{attribute.Wire}{value.Wire}", value.Text);

        return Gen.Frequency((4, Leaf), (3, collection), (1, withAttribute));
    }

    private static IEnumerable<int> EndsOf(int length, int[] pieces)
    {
        var end = 0;
        for (var place = 0; end < length; place++)
        {
            end = Math.Min(length, end + pieces[place % pieces.Length]);
            yield return end;
        }
    }

    private static string Quoted(string latin1)
    {
        var text = new StringBuilder("\"");
        foreach (var character in latin1)
            _ = character is >= ' ' and < '\x7F' and not '"' and not '\\' ? text.Append(character) : text.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");

        return text.Append('"').ToString();
    }
}
