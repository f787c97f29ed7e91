<?php
// Writes what PHP makes of query strings: the answers that `parse_brackets` must give, too.
//
//   php -d max_input_vars=100000 -d serialize_precision=-1 \
//     tests/rest/parse_str_table.php > tests/rest/parse_str_table.json
//
// Each outermost result is written as an object; within it PHP's lists are JSON lists.

$queries = [
    // plain
    'a=1', 'a=1&b=2', 'a=1&a=2', 'a', 'a=', 'a&b', 'a=1=2', 'a==', '=1', '=', '', '&', '&&a=1&&', 'a=1&',
    'a=b+c', 'a=b%20c', 'a=b%2Bc', 'a=%', 'a=%4', 'a=%zz', 'a=%41%7a', 'a=%26%3D', 'a=%25', 'a+b=1', 'a%20b=1',
    'a;b=1;c=2', 'a=1;b=2', 'a=1?b=2', 'a=<b>&c="d"', "a='%20OR%201=1", 'a=%D1%8F', 'я=ю', '%D1%8F=1', 'a=%F0%9F%99%82',
    'A=1&a=2', 'a=%0A%0D%09', 'a=1&b=2&a=3', '0=a', '0=a&1=b', '1=a', '-1=a', '01=a', '__proto__=1', 'a=%E2%80%AE',
    // names that PHP rewrites
    'a.b=1', 'a%2Eb=1', '.a=1', 'a.=1', ' a=1', '++a=1', '%20%20a=1', 'a =1', ' =1', '+=1', '%09a=1', 'a%09b=1', 'a-b=1',
    'a.b[c.d]=1', 'a b[c d]=1', 'a.b.c=1', 'a[b.c]=1', 'a[b c]=1', '.=1', '._=1',
    // one bracket
    'a[]=1', 'a[]=1&a[]=2', 'a[b]=1', 'a[b]=1&a[c]=2', 'a[b]=1&a[b]=2', 'a[0]=x', 'a[0]=x&a[1]=y', 'a[1]=y&a[0]=x',
    'a[1]=x', 'a[0]=x&a[2]=y', 'a[5]=1&a[]=2', 'a[-5]=1&a[]=2', 'a[-1]=1', 'a[05]=1&a[]=2', 'a[5.5]=1&a[]=2',
    'a[1e1]=1&a[]=2', 'a[+5]=1&a[]=2', 'a[%2B5]=1&a[]=2', 'a[b]=1&a[]=2', 'a[]=1&a[b]=2', 'a[]=1&a[0]=2', 'a[0]=1&a[]=2&a[0]=3',
    'a[-0]=1&a[]=2', 'a[99999999999999999999]=1&a[]=2', 'a[999999999999999999]=1&a[]=2', 'a%5Bb%5D=1', 'a%5B%5D=1&a%5B%5D=2',
    'a[%5B]=1', 'a[%5D]=1', 'a[b%5Dc]=1', 'a[b]', 'a[]', 'a[]=', 'a[b]=', 'a[%D1%8F]=1', 'a[%26]=1', 'a[%3D]=1', 'a[b=c]=1',
    'a[true]=1', 'a[null]=1', 'a["b"]=1', "a['b']=1", 'a[__proto__]=1', 'a[constructor]=1', 'a[length]=5', 'a[toString]=1',
    // white space in brackets
    'a[ ]=1', 'a[+]=1', 'a[++]=1', 'a[%09]=1', 'a[%0A]=1', 'a[%20%20]=1', 'a[%09%09]=1', 'a[ b]=1', 'a[b ]=1', 'a[+b+]=1',
    'a[%0B]=1', 'a[%C2%A0]=1', 'a[%20]=1&a[%20]=2', 'a[b][+]=1&a[b][+]=2', 'a[%20][b]=1', 'a[%20%09]=1',
    // several brackets
    'a[b][c]=1', 'a[b][c]=1&a[b][d]=2', 'a[b][]=1&a[b][]=2', 'a[][b]=1&a[][b]=2', 'a[][x]=1&a[][y]=2', 'a[][]=1&a[][]=2',
    'a[0][x]=1&a[0][y]=2', 'a[1][x]=1&a[0][x]=2', 'a[b][c][d][e]=1', 'a[][][]=1', 'a[0][0][0]=1', 'a[b][0]=1&a[b][1]=2',
    'a[b]=1&a[b][c]=2', 'a[b][c]=1&a[b]=2', 'a=1&a[b]=2', 'a[b]=1&a=2', 'a=1&a[]=2', 'a[]=1&a=2', 'a[b][c]=1&a[b][]=2',
    'a[b][5]=1&a[b][]=2', 'a[0]=1&a[0][b]=2', 'a[][b][]=1&a[][b][]=2', 'a[x][]=1&b=2&a[x][]=3', 'a[b][c]=1&a[d]=2&a[b][e]=3',
    // brackets that do not close, or close too often
    'a[=1', 'a[b=1', 'a[b][c=1', 'a[b][=1', 'a]=1', 'a]b=1', 'a]b[c]=1', 'a[b]c=1', 'a[b]c[d]=1', 'a[b]]=1', 'a[[b]]=1',
    'a[[]]=1', 'a[[]=1', 'a[b[c]]=1', 'a[b[c=1', 'a[b]][c]=1', '[a]=1', '[]=1', '[=1', ']=1', '[[a]]=1', ' [a]=1', 'a[][=1',
    'a[b].c=1', 'a[b] [c]=1', 'a[b.c=1', 'a[b c=1', 'a.b[c=1', 'a[b].[c]=1', 'a[]b=1', 'a[]]=1', 'a[ =1', 'a[b][c]d=1', 'a[b][[c]=1',
    'a_[b=1', 'a[b.c[d=1', '_[a]=1', 'a[[[=1', '[a=1', 'a[]]b=1',
    // what clients of the vendor send
    'options[data]=value&options[data2]=value2', 'options%5Bdata%5D=value&options%5Bdata2%5D=value2&', 'options=', 'options[]=',
    'cmd[a]=user.option.get%3Foption%3Dx&halt=0', 'cmd[0]=profile&cmd[1]=methods%3Ffull%3D1',
    'cmd%5Bset%5D=user.option.set%3Foptions%255Ba%255D%3D1', 'order[ID]=ASC&filter[%3E%3DDATE]=1&start=-1', '__order[0]=a&auth=t',
    'options[a][b][c]=1&options[a][b][d]=&bx24_request_id=1', 'options[list][0]=x&options[list][1]=y&options[flag]=1',
    'options[a.b]=1&options[c d]=2', 'options[error]=1&options[result]=2&options[next]=3', 'options[0]=a&options[1]=b&auth=t',
];

$arrays = [
    ['options' => ['data' => 'value', 'data2' => 'value2']],
    ['options' => []], ['options' => ['a' => []]], ['options' => ['a' => null, 'b' => '']], ['options' => null],
    ['options' => ['t' => true, 'f' => false, 'i' => 7, 'n' => -7, 'd' => 1.5, 'e' => 1.0e25, 's' => '1']],
    ['options' => ['list' => ['x', 'y', 'z']]], ['options' => ['x', 'y']], ['options' => [1 => 'x', 2 => 'y']],
    ['options' => [3 => 'x', 1 => 'y']], ['options' => [-1 => 'x', 0 => 'y']], ['options' => ['0' => 'x', '01' => 'y']],
    ['options' => ['a' => ['b' => ['c' => ['d' => ['e' => 'deep']]]]]],
    ['options' => ['rows' => [['id' => 1, 'name' => 'a'], ['id' => 2, 'name' => 'b']]]],
    ['options' => ['matrix' => [[1, 2], [3, 4]]]], ['options' => [[[[1]]]]],
    ['options' => ['a b' => 1, 'c.d' => 2, 'e+f' => 3, 'g&h' => 4, 'i=j' => 5, 'k%l' => 6, 'm#n' => 7, 'o?p' => 8, 'q/r' => 9]],
    ['options' => [' ' => 1]], ['options' => ['  ' => 1]], ['options' => [' a' => 1, 'b ' => 2]], ['options' => ["\t" => 1]],
    ['options' => ["\t\t" => 1]], ['options' => ["\n" => 1, "\r\n" => 2]], ['options' => [' ' => ['a' => 1], 'b' => 2]],
    ['options' => ['' => 1]], ['options' => ['' => ['a' => 1], 'b' => 2]], ['' => 1, 'a' => 2],
    ['options' => ['a[b' => 1]], ['options' => ['a]b' => 1]], ['options' => ['a[b]' => 1]], ['options' => ['[' => 1]],
    ['options' => [']' => 1]], ['options' => ['[]' => 1]], ['options' => ['a[' => ['b' => 1]]], ['options' => ['a]' => ['b' => 1]]],
    ['options' => ['ключ' => 'значение', 'é' => "e\u{301}", "e\u{301}" => 'é', '🙂' => '🙃']],
    ['options' => ['__proto__' => 1, 'constructor' => 2, 'error' => 3, 'result' => 4, 'next' => 5, 'total' => 6]],
    ['options' => ['html' => '<script>alert("1")</script>', 'sql' => "'; DROP TABLE x; --"]],
    ['options' => ['lines' => "a\r\nb\nc", 'tab' => "\t", 'spaces' => '  a  ', 'plus' => '1+1=2', 'percent' => '100%']],
    ['options' => ['json' => '{"a":[1,2]}', 'url' => 'https://example.com/?a=1&b[]=2#c']],
    ['options' => ['empty' => '', 'zero' => '0', 'false' => 'false']], ['options' => ['a' => [], 'b' => [[], ['c' => []]], 'd' => 1]],
    ['options' => (object) ['a' => (object) ['b' => [1, 2]]]], ['options' => [PHP_INT_MAX => 'a', PHP_INT_MIN => 'b']],
    ['options' => ['9223372036854775808' => 'a', '1.5' => 'b', '-0' => 'c', '+1' => 'd', ' 1' => 'e', '1 ' => 'f']],
    ['a.b' => 1], ['a b' => 1], ['a[b' => 1], ['a[b]' => 1], ['a]b' => 1], [' a' => 1], ['a' => ['x.y' => ['z w' => 1]]],
    ['x', 'y'], [5 => 'x', 'a' => 'y'], [['a' => 1], ['a' => 2]],
    ['cmd' => ['set' => 'user.option.set?' . http_build_query(['options' => ['a' => ['b' => 'c d']]]), 'get' => 'user.option.get'], 'halt' => 0],
    ['options' => array_fill_keys(range('a', 'z'), 'v')], ['options' => array_combine(range(1, 40), range(1, 40))],
    ['options' => ['d' => array_reduce(range(1, 30), fn ($inner) => ['k' => $inner], 'leaf')]],
];

function parsed(string $query): object
{
    parse_str($query, $result);
    return (object) $result;
}

$built = [];
foreach ($arrays as $array) {
    foreach ([PHP_QUERY_RFC1738, PHP_QUERY_RFC3986] as $encoding) {
        $query = http_build_query($array, '', '&', $encoding);
        $built[] = ['input' => (object) $array, 'query' => $query, 'parsed' => parsed($query)];
    }
}
function lines(array $cases): string
{
    $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
    return implode(",\n", array_map(fn ($case) => json_encode($case, $flags), $cases));
}

$parsed = array_map(fn ($query) => ['query' => $query, 'parsed' => parsed($query)], $queries);
printf(
    "{\"php\": \"%s\",\n\"parse_str\": [\n%s\n],\n\"http_build_query\": [\n%s\n]}\n",
    PHP_VERSION, lines($parsed), lines($built)
);
